"""Readers of raw notices and of bills."""

import io
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from county.errors import BadInput, Phrase
from county.payments import bill_file, parsers
from county.payments.bill_faults import SAYS, BillFault, BillFaultKind, fault_of, say_fault, write_fault
from county.payments.bill_file import read_bill
from county.payments.gateway import BillRow
from county.payments.types import NoticeRefused, TradeStatus

FIELDS = {
    "app_id": "2021000000000001",
    "body": "",
    "charset": "utf-8",
    "gmt_payment": "2026-10-05 20:00:00",
    "notify_id": "n1",
    "notify_time": "2026-10-05 20:00:01",
    "out_trade_no": "A1",
    "seller_id": "2088000000000001",
    "total_amount": "76.50",
    "trade_no": "T1",
    "trade_status": "TRADE_SUCCESS",
}


def test_blank_values_are_kept() -> None:
    fields = parsers.read_fields(b"charset=utf-8&body=&sign=x")

    assert fields == {"charset": "utf-8", "body": "", "sign": "x"}
    assert parsers.signed_text(fields) == b"body=&charset=utf-8"


@pytest.mark.parametrize("charset", ["utf-8", "GBK", "gbk", "UTF-8"])
def test_text_is_read_in_the_charset_that_the_notice_names(charset: str) -> None:
    body = urlencode({"charset": charset, "subject": "富硒茶 a=1&b"}, encoding=charset).encode()

    assert parsers.read_fields(body)["subject"] == "富硒茶 a=1&b"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"charset=utf-8&a",
        b"charset=utf-8&=1",
        b"charset=utf-8&a=1&a=1",
        b"charset=utf-8&a=1&%61=2",
        b"charset=utf-8&charset=gbk",
        b"a=1",
        b"charset=utf-16&a=1",
        b"charset=utf-8&a=%ff",
        b"charset=gbk&a=%ff",
        b"charset=utf-8&%e8%8c%b6=1",
        b"charset=utf-8&a=" + b"1" * 65_536,
    ],
)
def test_what_is_no_plain_form_is_refused(body: bytes) -> None:
    with pytest.raises(NoticeRefused):
        parsers.read_fields(body)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        fields = parsers.read_fields(body)
        parsers.read_notice(fields)
    except NoticeRefused:
        return
    raise AssertionError("random bytes were taken for a notice")


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.text(max_size=20), max_size=8))
def test_fields_survive_the_form(fields: dict[str, str]) -> None:
    whole = {**fields, "charset": "utf-8"}
    body = urlencode(whole, errors="surrogatepass").encode()
    if any("\ud800" <= character <= "\udfff" for value in fields.values() for character in value):
        return

    assert parsers.read_fields(body) == whole


def test_a_notice_is_read_into_facts() -> None:
    notice = parsers.read_notice({**FIELDS, "refund_fee": "20.00", "buyer_id": "2088102100000011"})

    assert (notice.notify_id, notice.app_id, notice.seller_id) == (
        "n1",
        FIELDS["app_id"],
        FIELDS["seller_id"],
    )
    assert (notice.trade.trade_no, notice.trade.out_trade_no) == ("T1", "A1")
    assert (notice.trade.total_fen, notice.trade.refunded_fen) == (7_650, 2_000)
    assert notice.trade.status is TradeStatus.SUCCESS
    assert notice.trade.paid_at == datetime(2026, 10, 5, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "amount",
    [
        "76.5",
        "76",
        "7650",
        "76,50",
        "-76.50",
        "+76.50",
        " 76.50",
        "76.50 ",
        "７６.５０",
        "1e2",
        "76.500",
        ".50",
        "",
        "٧٦.٥٠",
    ],
)
def test_only_plain_amounts_are_amounts(amount: str) -> None:
    with pytest.raises(NoticeRefused, match="amount"):
        parsers.read_notice({**FIELDS, "total_amount": amount})


@pytest.mark.parametrize("name", ["notify_id", "app_id", "seller_id", "trade_no", "out_trade_no"])
@pytest.mark.parametrize("value", ["", "a b", "a'b", "茶", "x" * 129])
def test_numbers_are_plain(name: str, value: str) -> None:
    with pytest.raises(NoticeRefused, match=name):
        parsers.read_notice({**FIELDS, name: value})


SELLER = "2088000000000001"
HEAD = (
    "#支付宝业务明细查询\r\n#账号：[20880000000000010156]\r\n"
    "#起始日期：[2026年10月05日 00:00:00]   终止日期：[2026年10月06日 00:00:00]\r\n"
    "#-----------------------------------------业务明细列表----------------------------------------\r\n"
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注\r\n"
)
ZEROS = "0.00,0.00,0.00,0.00,0.00,,0.00,0.00"
PAID = (
    'T1\t,A1\t,交易,"茶,一级",2026-10-05 20:00:00,2026-10-05 20:01:00,,,,,*小明,'
    f"76.50,76.50,{ZEROS},,-0.46,0.00,\r\n"
)
BACK = (
    "T1\t,A1\t,退款,茶,2026-10-05 20:00:00,2026-10-05 21:00:00,,,,,*小明,"
    f"-20.00,-20.00,{ZEROS},R1\t,0.12,0.00,\r\n"
)
TAIL = (
    "#-----------------------------------------业务明细列表结束------------------------------------\r\n"
    "#交易合计：1笔，商家实收共76.50元，商家优惠共0.00元\r\n"
    "#退款合计：1笔，商家实收退款共-20.00元，商家优惠退款共0.00元\r\n"
)


def pack(text: str, encoding: str = "gbk") -> bytes:
    """Zip a bill as Alipay does, its summary first."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        # Stored, so that a test can change a byte of it.
        archive.writestr("b_业务明细(汇总).csv", "#支付宝业务汇总查询\r\n".encode("gbk"))
        archive.writestr("b_业务明细.csv", text.encode(encoding))
    return content.getvalue()


def test_a_bill_is_read_with_its_refunds_and_fees() -> None:
    bill = read_bill(pack(HEAD + PAID + BACK + TAIL), on=date(2026, 10, 5), seller_id=SELLER)

    assert bill.rows == (
        BillRow("T1", "A1", False, "", 7_650, -46, datetime(2026, 10, 5, 12, 1, tzinfo=UTC)),
        BillRow("T1", "A1", True, "R1", -2_000, 12, datetime(2026, 10, 5, 13, 0, tzinfo=UTC)),
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"no zip", "not a zip"),
        (pack(HEAD + PAID + BACK + TAIL, "utf-16"), "not a zip"),
        (pack(HEAD + PAID + TAIL), "退款合计"),
        (pack(HEAD + PAID.replace("76.50,0.00", "76.49,0.00") + BACK + TAIL), "交易合计"),
        (pack(HEAD + PAID + BACK), "no line"),
        (pack(HEAD.replace("服务费（元）", "费") + PAID + BACK + TAIL), "lacks the columns"),
        (pack(HEAD + PAID.replace(",交易,", ",转账,") + BACK + TAIL), "neither"),
        (pack(HEAD + PAID.replace("-0.46", "free") + BACK + TAIL), "“free” is not an amount"),
        (pack(HEAD + PAID + BACK + TAIL.replace("共76.50", f"共{'9' * 14}.00")), "no line 交易合计"),
        (pack(HEAD + PAID.replace("10-05 20:01", "02-31 20:01") + BACK + TAIL), "is not a time"),
        (pack(HEAD + PAID + BACK + TAIL)[:-40], "not a whole one"),
        (pack(HEAD + PAID + BACK + TAIL).replace(b"T1\t,A1", b"T2\t,A1", 1), "not a whole one"),
        (
            pack(HEAD.replace("2026年10月05日", "2026年10月04日") + PAID + BACK + TAIL),
            "of the day 2026-10-04",
        ),
        (pack(HEAD.replace("[2088", "[2089") + PAID + BACK + TAIL), "of account 20890000000000010156"),
        (pack(HEAD.replace("#账号", "#帐户") + PAID + BACK + TAIL), "of account ?"),
        (pack(HEAD + PAID.replace("10-05 20:01", "10-06 00:00") + BACK + TAIL), "not on the bill's day"),
        (pack(HEAD + PAID.replace("2026-10-05 20:01:00", "1.39E+10") + BACK + TAIL), "not a time"),
        (pack(HEAD + PAID.replace("T1\t", "T" * 65) + BACK + TAIL), "64 characters"),
        (pack(HEAD + PAID.replace(",A1\t", "") + BACK + TAIL), "24 cells, expected 25"),
        (pack(HEAD + PAID + PAID + BACK + TAIL), "has a row twice: trade T1"),
        (pack(HEAD + "x" * 30_000 + TAIL), "larger than a bill"),
        (pack("茶" * 60), "not a zip"),
        (b"", "not a zip"),
    ],
)
def test_a_bill_that_cannot_be_trusted_is_refused_whole(content: bytes, why: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_bill(content, on=date(2026, 10, 5), seller_id=SELLER)

    assert any(why in str(fault) for fault in refused.value.faults)
    for fault in refused.value.faults:
        assert isinstance(fault, BillFault)
        kept = write_fault(fault)
        assert len(kept) <= 300
        assert say_fault(kept) == Phrase(SAYS[fault.kind], fault.facts)
        assert str(say_fault(kept)) == fault.what


def test_longest_fault_of_a_bill_can_be_kept() -> None:
    for kind in BillFaultKind:
        fault = fault_of(kind, row=10**12, said="\0\\" * 500, expected='"' * 500)
        assert len(write_fault(fault)) <= 300


@pytest.mark.parametrize(
    "why", ["账单不存在", "", "{", "[]", "{}", '{"fault": "x"}', '{"fault": ["no_bill"]}']
)
def test_words_of_alipay_stay_as_they_are(why: str) -> None:
    assert say_fault(why) == why


def test_a_zip_bomb_is_refused_before_it_unfolds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bill_file, "MOST_BYTES", 1_000_000)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.csv", (HEAD + PAID * 100_000).encode("gbk"))
    tracemalloc.start()

    with pytest.raises(BadInput, match="larger than a bill"):
        bill_file.read_bill(content.getvalue(), on=date(2026, 10, 5), seller_id=SELLER)

    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(content.getvalue()) < 200_000
    assert most_bytes < 8_000_000
