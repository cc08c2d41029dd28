"""Our adapter against the simulator: page pay, query, close, refund, notices."""

from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import rsa

from county import clock
from county.payments import parsers
from county.payments.alipay import signature
from county.payments.gateway import CallRefused, CallUnknown, Done, NotFound
from county.payments.types import (
    Refund,
    TradeFacts,
    TradeStatus,
)
from tests.gateways.shopping import make_group
from tests.gateways.simulating import POOR, NoticeBox, Simulator, fetch


def paid(simulator: Simulator, fen: int = 7_650) -> str:
    """Pay A1 and give its trade number."""
    provider = simulator.provider()
    simulator.pay(provider.page_pay(make_group(fen), mobile=False))
    facts = provider.query(out_trade_no="A1")
    assert isinstance(facts, TradeFacts)
    return facts.trade_no


def test_trade_exists_only_once_the_buyer_reached_the_cashier(simulator: Simulator) -> None:
    provider = simulator.provider()
    address = provider.page_pay(make_group(7_650), mobile=False)
    at_gateway = fetch(address)

    before = provider.query(out_trade_no="A1")
    simulator.reach(address)
    after = provider.query(out_trade_no="A1")

    assert at_gateway.status == 302
    assert before == NotFound()
    assert isinstance(after, TradeFacts)
    assert (after.status, after.total_fen, after.paid_at) == (TradeStatus.WAITING, 7_650, None)


def test_paying_moves_the_money_tells_the_return_page_and_sends_one_notice(
    simulator: Simulator, box: NoticeBox
) -> None:
    provider = simulator.provider()
    start_fen = simulator.total_fen()

    back = simulator.pay(provider.page_pay(make_group(7_650), mobile=False))
    attempts = simulator.deliver()

    notice = provider.read_notice(box.bodies[0])
    assert back.status == 303
    assert back.location.startswith(f"{box.url}/pay/alipay/return?")
    assert "out_trade_no=A1" in back.location
    assert "trade_status" not in back.location
    assert [attempt["state"] for attempt in attempts] == ["delivered"]
    assert (notice.trade.out_trade_no, notice.trade.total_fen) == ("A1", 7_650)
    assert notice.trade.status is TradeStatus.SUCCESS
    assert notice.app_id == provider.account.app_id
    assert notice.seller_id == provider.account.seller_id
    assert simulator.books()[f"user:{notice.seller_id}:available"] == 7_650 - 46
    assert simulator.books()["alipay:fees"] == 46
    assert simulator.total_fen() == start_fen


def test_return_is_signed(simulator: Simulator) -> None:
    provider = simulator.provider()

    back = simulator.pay(provider.page_pay(make_group(7_650), mobile=False))

    fields = parsers.read_fields(back.location.partition("?")[2].encode())
    assert signature.is_right(provider.calls.alipay_key, parsers.signed_text(fields), fields["sign"])


def test_a_buyer_with_too_little_money_pays_nothing_and_may_try_again(simulator: Simulator) -> None:
    provider = simulator.provider()
    before = simulator.books()
    cashier = simulator.reach(provider.page_pay(make_group(7_650), mobile=False))

    refused = simulator.choose(cashier, buyer=POOR)
    unpaid = provider.query(out_trade_no="A1")
    untouched = simulator.books()
    back = simulator.choose(refused)

    assert "余额不足" in refused.text
    assert isinstance(unpaid, TradeFacts) and unpaid.status is TradeStatus.WAITING
    assert untouched == before
    assert back.status == 303


def test_a_buyer_may_cancel_or_leave_and_come_back(simulator: Simulator) -> None:
    provider = simulator.provider()
    address = provider.page_pay(make_group(7_650), mobile=False)
    cashier = simulator.reach(address)

    cancelled, left = simulator.choose(cashier, "cancel"), simulator.choose(cashier, "later")
    back = simulator.pay(address)

    assert "已取消" in cancelled.text
    assert "没有付款" in left.text
    assert back.status == 303


def test_notice_repeats_on_the_schedule_until_success(simulator: Simulator, box: NoticeBox) -> None:
    provider = simulator.provider()
    box.answer = "fail"
    simulator.pay(provider.page_pay(make_group(7_650), mobile=False))
    pauses_s = (0, 240, 600, 600, 3_600, 7_200, 21_600, 54_000)

    for number, pause_s in enumerate(pauses_s, 1):
        if pause_s:
            simulator.move_clock(seconds=pause_s - 5)
            early = simulator.deliver()
            assert early == []
            simulator.move_clock(seconds=5)
        simulator.deliver()
        assert len(box.bodies) == number
    simulator.move_clock(days=30)
    after_the_last = simulator.deliver()

    first, last = box.fields(0), box.fields(-1)
    assert after_the_last == []
    assert simulator.notices()[0]["state"] == "given_up"
    assert first["notify_id"] == last["notify_id"]
    assert first["notify_time"] < last["notify_time"]
    assert provider.read_notice(box.bodies[0]).trade == provider.read_notice(box.bodies[-1]).trade


def test_only_exactly_success_ends_the_repetition(simulator: Simulator, box: NoticeBox) -> None:
    simulator.pay(simulator.provider().page_pay(make_group(7_650), mobile=False))

    for answer in ("Success", "success\n", '"success"', "fail", ""):
        box.answer = answer
        simulator.deliver()
        simulator.move_clock(hours=16)
    box.answer = "success"
    simulator.deliver()
    simulator.move_clock(days=2)
    simulator.deliver()

    assert len(box.bodies) == 6


def test_closing_an_unpaid_trade_keeps_buyers_out(simulator: Simulator) -> None:
    provider = simulator.provider()
    address = provider.page_pay(make_group(7_650), mobile=False)
    cashier = simulator.reach(address)

    closed = provider.close(out_trade_no="A1")
    closed_again = provider.close(out_trade_no="A1")
    late = simulator.choose(cashier)

    facts = provider.query(out_trade_no="A1")
    assert isinstance(closed, Done) and isinstance(closed_again, Done)
    assert "不能付款" in late.text
    assert isinstance(facts, TradeFacts) and facts.status is TradeStatus.CLOSED


def test_closing_what_nobody_began_is_done_and_what_is_paid_is_refused(simulator: Simulator) -> None:
    provider = simulator.provider()

    never_begun = provider.close(out_trade_no="A1")
    paid(simulator)
    refused = provider.close(out_trade_no="A1")

    assert never_begun == Done()
    assert isinstance(refused, CallRefused)
    assert refused.code == "ACQ.REASON_TRADE_STATUS_INVALID"


def test_the_same_refund_number_pays_back_once(simulator: Simulator, box: NoticeBox) -> None:
    provider, trade_no = simulator.provider(), paid(simulator)
    simulator.deliver()

    first = provider.refund(trade_no=trade_no, request_no="R1", refund=Refund(2_000, "三个烂了"))
    again = provider.refund(trade_no=trade_no, request_no="R1", refund=Refund(2_000, "三个烂了"))
    other = provider.refund(trade_no=trade_no, request_no="R1", refund=Refund(2_001, "三个烂了"))
    simulator.deliver()

    notice = provider.read_notice(box.bodies[-1])
    assert isinstance(first, Done) and isinstance(again, Done)
    assert isinstance(other, CallRefused) and other.code == "ACQ.DISCORDANT_REPEAT_REQUEST"
    assert simulator.books()["buyer:2088102100000011"] == 100_000_000 - 7_650 + 2_000
    assert len(box.bodies) == 2
    assert (notice.trade.status, notice.trade.refunded_fen) == (TradeStatus.SUCCESS, 2_000)
    assert provider.query_refund(trade_no=trade_no, request_no="R1") == Done(reference=trade_no)
    assert provider.query_refund(trade_no=trade_no, request_no="R2") == NotFound()


def test_refunds_never_exceed_the_payment_and_a_full_one_closes_the_trade(simulator: Simulator) -> None:
    provider, trade_no = simulator.provider(), paid(simulator)
    before = simulator.total_fen()

    part = provider.refund(trade_no=trade_no, request_no="R1", refund=Refund(2_000, ""))
    too_much = provider.refund(trade_no=trade_no, request_no="R2", refund=Refund(5_651, ""))
    rest = provider.refund(trade_no=trade_no, request_no="R3", refund=Refund(5_650, ""))

    facts = provider.query(out_trade_no="A1")
    assert isinstance(part, Done) and isinstance(rest, Done)
    assert isinstance(too_much, CallRefused) and too_much.code == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    assert isinstance(facts, TradeFacts) and facts.status is TradeStatus.CLOSED
    assert simulator.books()["buyer:2088102100000011"] == 100_000_000
    assert simulator.books()["alipay:fees"] == 0
    assert simulator.total_fen() == before


def test_refund_that_timed_out_with_effect_is_unknown_and_then_found(simulator: Simulator) -> None:
    provider, trade_no = simulator.provider(), paid(simulator)
    simulator.fault("effect_timeout", method="alipay.trade.refund", seconds="0")

    lost = provider.refund(trade_no=trade_no, request_no="R1", refund=Refund(2_000, ""))
    found = provider.query_refund(trade_no=trade_no, request_no="R1")

    assert isinstance(lost, CallUnknown)
    assert found == Done(reference=trade_no)


def test_refund_dropped_before_the_effect_is_unknown_and_then_not_found(simulator: Simulator) -> None:
    provider, trade_no = simulator.provider(), paid(simulator)

    outcomes = []
    for kind in ("dropped", "bad_gateway", "system_error"):
        simulator.fault(kind, method="alipay.trade.refund")
        outcomes.append(provider.refund(trade_no=trade_no, request_no="R1", refund=Refund(2_000, "")))

    assert [type(outcome) for outcome in outcomes] == [CallUnknown] * 3
    assert provider.query_refund(trade_no=trade_no, request_no="R1") == NotFound()


def test_a_gateway_slower_than_our_patience_is_unknown(simulator: Simulator) -> None:
    provider = simulator.provider(timeout_s=0.2)
    simulator.fault("slow", method="alipay.trade.query", seconds="0.6")

    lost = provider.query(out_trade_no="A1")
    answered = provider.query(out_trade_no="A1")

    assert isinstance(lost, CallUnknown)
    assert answered == NotFound()


def test_nobody_at_the_gateway_is_unknown(simulator: Simulator) -> None:
    provider = simulator.provider(address="http://127.0.0.1:9/gateway.do")

    assert isinstance(provider.query(out_trade_no="A1"), CallUnknown)


def test_a_wrong_key_makes_every_answer_unknown(simulator: Simulator) -> None:
    provider = simulator.provider()
    strange = simulator.provider(private_key=_other_key())
    deaf = simulator.provider(alipay_key=_other_key().public_key())

    ours = strange.query(out_trade_no="A1")
    theirs = deaf.query(out_trade_no="A1")

    assert ours == CallUnknown("without signature: 40002 isv.invalid-signature")
    assert theirs == CallUnknown("the reply's signature is wrong")
    assert provider.query(out_trade_no="A1") == NotFound()


def _other_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def test_subjects_with_emoji_rare_characters_and_separators_survive(
    simulator: Simulator, box: NoticeBox
) -> None:
    provider, subject = simulator.provider(), "富硒茶🍵 𠮷野家 a=1&b=2 <b>\"'+% /\\\n"

    simulator.pay(provider.page_pay(make_group(7_650, subject=subject), mobile=False))
    simulator.deliver()

    # Alipay takes no / = & in a subject, so they arrive as their full-width twins.
    arrived = provider.read_notice(box.bodies[0]).fields["subject"]
    assert arrived == "富硒茶🍵 𠮷野家 a＝1＆b＝2 <b>\"'+% ／\\ "


def test_times_are_beijing_times(simulator: Simulator, box: NoticeBox) -> None:
    provider = simulator.provider()
    simulator.pay(provider.page_pay(make_group(7_650), mobile=False))
    simulator.deliver()

    notice = provider.read_notice(box.bodies[0])

    assert notice.trade.paid_at is not None
    assert abs(notice.trade.paid_at - clock.now()) < timedelta(minutes=5)


def test_an_unpaid_trade_closes_when_its_time_is_over(simulator: Simulator, box: NoticeBox) -> None:
    provider = simulator.provider()
    simulator.reach(provider.page_pay(make_group(7_650), mobile=False))

    simulator.move_clock(minutes=29)
    before = provider.query(out_trade_no="A1")
    simulator.move_clock(minutes=2)
    after = provider.query(out_trade_no="A1")

    assert isinstance(before, TradeFacts) and before.status is TradeStatus.WAITING
    assert isinstance(after, TradeFacts) and after.status is TradeStatus.CLOSED
    assert box.bodies == []


def test_connections_are_kept_and_replaced_when_the_other_side_closed_them(simulator: Simulator) -> None:
    provider = simulator.provider()

    answers = [provider.query(out_trade_no="A1") for _ in range(5)]

    assert answers == [NotFound()] * 5
