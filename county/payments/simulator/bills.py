"""The daily trade bill: a zip of GBK CSV files with Alipay's 25 columns, its `#` lines and its totals."""

import csv
import io
import secrets
import sqlite3
import zipfile
from datetime import date, timedelta
from typing import Any

from county import clock
from county.payments.simulator import books, faults
from county.payments.simulator.call import Call, new_no
from county.payments.simulator.wire import business, invalid, local_time, read_text, yuan

# Source: the headers of Alipay's 业务明细 and 业务汇总 files as downloaded in 2025.
DETAIL_COLUMNS = (
    "支付宝交易号", "商户订单号", "业务类型", "商品名称", "创建时间", "完成时间", "门店编号",
    "门店名称", "操作员", "终端号", "对方账户", "订单金额（元）", "商家实收（元）",
    "支付宝红包（元）", "集分宝（元）", "支付宝优惠（元）", "商家优惠（元）",
    "券核销金额（元）", "券名称", "商家红包消费金额（元）", "卡消费金额（元）",
    "退款批次号/请求号", "服务费（元）", "分润（元）", "备注",
)  # fmt: skip
TOTAL_COLUMNS = (
    "门店编号", "门店名称", "交易订单总笔数", "退款订单总笔数", "订单金额（元）", "商家实收（元）",
    "支付宝优惠（元）", "商家优惠（元）", "卡消费金额（元）", "服务费（元）", "分润（元）", "实收净额（元）",
)  # fmt: skip
URL_LIVES_S = 30
ZERO = "0.00"


def make(call: Call) -> dict[str, Any]:
    """Answer `alipay.data.dataservice.bill.downloadurl.query` for the type `trade`."""
    if call.content.get("bill_type") != "trade":
        raise business("isp.bill_not_exist", "账单不存在")
    text = read_text(call.content, "bill_date", most=10)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise invalid("：bill_date") from None
    start_s = int(clock.day_start(day).timestamp())
    end_s = start_s + 86_400
    if end_s > call.now_s:
        raise business("isp.bill_not_exist", "账单尚未生成")
    seller_id = read_text(call.content, "smid", most=32, needed=False) or call.seller_id
    rows = _rows(call.db, call.app_id, seller_id, start_s, end_s)
    if faults.take(call.db, "bill_row_missing") and rows:
        rows.pop()
    if faults.take(call.db, "bill_row_extra"):
        rows.append(_extra(start_s))
    name = f"{seller_id}0156_{day:%Y%m%d}"
    content = _zipped(name, seller_id, day, rows, call.now_s)
    token = secrets.token_urlsafe(24)
    call.db.execute(
        "INSERT INTO bill VALUES (?, ?, ?, ?)", (token, f"{name}.csv.zip", content, call.now_s + URL_LIVES_S)
    )
    return {"bill_download_url": f"{call.base_url}/bill/{token}"}


def _rows(
    db: sqlite3.Connection, app_id: str, seller_id: str, start_s: int, end_s: int
) -> list[dict[str, Any]]:
    span = (app_id, seller_id, start_s, end_s)
    paid = db.execute(
        "SELECT trade.*, paid_at_s AS at_s, 0 AS back_fen, '' AS request_no FROM trade"
        " WHERE app_id = ? AND ? IN (seller_id, sub_merchant) AND paid_at_s >= ? AND paid_at_s < ?",
        span,
    ).fetchall()
    back = db.execute(
        "SELECT trade.*, refund.at_s AS at_s, refund.fen AS back_fen, refund.fee_back_fen AS this_fee_fen,"
        " refund.out_request_no AS request_no FROM refund JOIN trade USING (trade_no)"
        " WHERE app_id = ? AND ? IN (seller_id, sub_merchant) AND refund.at_s >= ? AND refund.at_s < ?",
        span,
    ).fetchall()
    rows = [_row(row, row["total_fen"], -row["fee_fen"], "交易") for row in paid]
    rows += [_row(row, -row["back_fen"], row["this_fee_fen"], "退款") for row in back]
    return sorted(rows, key=lambda row: (row["at_s"], row["kind"] == "退款", row["trade_no"]))


def _row(row: sqlite3.Row, fen: int, fee_fen: int, kind: str) -> dict[str, Any]:
    buyer = books.buyer(row["buyer_id"])
    return {
        "trade_no": row["trade_no"],
        "out_trade_no": row["out_trade_no"],
        "kind": kind,
        "subject": row["subject"],
        "created_at_s": row["created_at_s"],
        "at_s": row["at_s"],
        "account": f"*{buyer.name[1:]}({buyer.logon_id})" if buyer else "",
        "fen": fen,
        "fee_fen": fee_fen,
        "request_no": row["request_no"],
    }


def _extra(start_s: int) -> dict[str, Any]:
    return {
        "trade_no": new_no(start_s, "220014"),
        "out_trade_no": f"EXTRA{secrets.randbelow(10**8):08d}",
        "kind": "交易",
        "subject": "多出的一行",
        "created_at_s": start_s + 60,
        "at_s": start_s + 90,
        "account": "*多余(130******00)",
        "fen": 100,
        "fee_fen": -1,
        "request_no": "",
    }


def _zipped(name: str, account: str, day: date, rows: list[dict[str, Any]], now_s: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for title, lines in (("业务明细", _detail(rows)), ("业务明细(汇总)", _totals(rows))):
            text = _head(account, day, title) + lines + f"#导出时间：[{_long_time(local_time(now_s))}]\r\n"
            entry = zipfile.ZipInfo(f"{name}_{title}.csv")
            # Alipay packs the names in GBK without saying so; a reader must go by position or guess.
            archive.writestr(entry, text.encode("gbk", errors="replace"))
    return packed.getvalue()


def _head(account: str, day: date, title: str) -> str:
    start, end = f"{day:%Y年%m月%d日} 00:00:00", f"{day + timedelta(days=1):%Y年%m月%d日} 00:00:00"
    kind = "业务汇总" if "汇总" in title else "业务明细"
    rule = "-" * 41
    return (
        f"#支付宝{kind}查询\r\n#账号：[{account}0156]\r\n#起始日期：[{start}]   终止日期：[{end}]\r\n"
        f"#{rule}{kind}列表{rule[1:]}\r\n"
    )


def _detail(rows: list[dict[str, Any]]) -> str:
    lines = [_csv(DETAIL_COLUMNS)]
    for row in rows:
        fen = yuan(row["fen"])
        lines.append(
            _csv(
                (
                    # The tab keeps a spreadsheet from rounding the number.
                    f"{row['trade_no']}\t",
                    f"{row['out_trade_no']}\t",
                    row["kind"],
                    row["subject"],
                    local_time(row["created_at_s"]),
                    local_time(row["at_s"]),
                    "",
                    "",
                    "",
                    "",
                    row["account"],
                    fen,
                    fen,
                    ZERO,
                    ZERO,
                    ZERO,
                    ZERO,
                    ZERO,
                    "",
                    ZERO,
                    ZERO,
                    f"{row['request_no']}\t" if row["request_no"] else "",
                    yuan(row["fee_fen"]),
                    ZERO,
                    "",
                )  # fmt: skip
            )
        )
    trades = [row for row in rows if row["kind"] == "交易"]
    refunds = [row for row in rows if row["kind"] == "退款"]
    rule = "-" * 41
    lines.append(f"#{rule}业务明细列表结束{rule[5:]}\r\n")
    lines.append(f"#交易合计：{len(trades)}笔，商家实收共{_sum(trades, 'fen')}元，商家优惠共0.00元\r\n")
    lines.append(
        f"#退款合计：{len(refunds)}笔，商家实收退款共{_sum(refunds, 'fen')}元，商家优惠退款共0.00元\r\n"
    )
    return "".join(lines)


def _totals(rows: list[dict[str, Any]]) -> str:
    trades = sum(row["kind"] == "交易" for row in rows)
    fen, fee = sum(row["fen"] for row in rows), sum(row["fee_fen"] for row in rows)
    values = (
        "合计",
        "",
        str(trades),
        str(len(rows) - trades),
        yuan(fen),
        yuan(fen),
        ZERO,
        ZERO,
        ZERO,
        yuan(fee),
        ZERO,
        yuan(fen + fee),
    )
    rule = "-" * 40
    return _csv(TOTAL_COLUMNS) + _csv(values) + f"#{rule}业务汇总列表结束{rule[3:]}\r\n"


def _sum(rows: list[dict[str, Any]], name: str) -> str:
    return yuan(sum(row[name] for row in rows))


def _csv(values: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(values)
    return line.getvalue()


def _long_time(text: str) -> str:
    day, time = text.split(" ")
    year, month, number = day.split("-")
    return f"{year}年{month}月{number}日 {time}"
