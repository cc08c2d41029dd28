"""Splits, settlement and sub-merchants against the simulator."""

from collections.abc import Sequence

from county.payments import rules
from county.payments.alipay.provider import Alipay
from county.payments.gateway import CallRefused, Done, NotFound, SplitFacts
from county.payments.types import (
    Confirmation,
    Payee,
    Refund,
    RoyaltyBack,
    Split,
    SplitPart,
    TradeFacts,
)
from tests.gateways.shopping import make_group
from tests.gateways.simulating import Simulator

STREAMER, ASSOCIATION, FARM = "2088000000000031", "2088000000000091", "2088000000000011"
WORKED = (SplitPart(STREAMER, 685, "达人佣金"), SplitPart(ASSOCIATION, 343 + 800, "平台服务费"))
OWN = "user:2088000000000001"


def paid(simulator: Simulator, payee: Payee = Payee(), fen: int = 7_650) -> str:
    """Pay A1 and give its trade number."""
    provider = simulator.provider()
    simulator.pay(provider.page_pay(make_group(fen, payee=payee), mobile=False))
    facts = provider.query(out_trade_no="A1")
    assert isinstance(facts, TradeFacts)
    return facts.trade_no


def bind(provider: Alipay, *accounts: str) -> None:
    """Allow accounts to receive splits."""
    assert isinstance(provider.bind_receivers(request_no="B1", receivers=dict.fromkeys(accounts, "")), Done)


def farm(provider: Alipay) -> Payee:
    """Make a sub-merchant and give it as a payee."""
    assert isinstance(provider.create_sub_merchant(external_id="farm1", name="岚皋茶园"), Done)
    found = provider.find_sub_merchant(external_id="farm1")
    assert isinstance(found, Done)
    return Payee(sub_merchant_id=found.reference, settle_days=15)


def split(provider: Alipay, trade_no: str, parts: Sequence[SplitPart], number: str = "S1") -> object:
    """Split a trade."""
    return provider.split(trade_no=trade_no, request_no=number, split=Split(tuple(parts)))


def refusal(answer: object) -> str:
    """Give the code of a refusal."""
    assert isinstance(answer, CallRefused), answer
    return answer.code


def test_the_worked_example_is_split_under_the_cap(simulator: Simulator) -> None:
    provider, trade_no = simulator.provider(), paid(simulator)
    bind(provider, STREAMER, ASSOCIATION)

    done = split(provider, trade_no, WORKED)
    again = split(provider, trade_no, WORKED)

    facts = provider.query_split(trade_no=trade_no, request_no="S1")
    books = simulator.books()
    assert isinstance(done, Done) and done == again
    assert isinstance(facts, SplitFacts)
    assert [(line.part.account, line.part.fen, line.state) for line in facts.lines] == [
        (STREAMER, 685, "done"),
        (ASSOCIATION, 1_143, "done"),
    ]
    assert books[f"user:{STREAMER}:available"] == 685
    assert books[f"user:{ASSOCIATION}:available"] == 1_143
    assert books[f"{OWN}:available"] == 7_650 - 46 - 1_828
    assert simulator.total_fen() == 200_000_001


def test_a_split_is_refused_over_the_cap_unbound_or_changed_under_its_number(simulator: Simulator) -> None:
    provider, trade_no = simulator.provider(), paid(simulator)
    bind(provider, STREAMER)
    before = simulator.books()

    over = split(provider, trade_no, [SplitPart(STREAMER, 2_296)])
    unbound = split(provider, trade_no, [SplitPart(STREAMER, 1), SplitPart(ASSOCIATION, 1)])
    too_many = split(provider, trade_no, [SplitPart(f"208800000000004{i}", 1) for i in range(6)])
    untouched = simulator.books()
    at_the_cap = split(provider, trade_no, [SplitPart(STREAMER, 2_295)])
    changed = split(provider, trade_no, [SplitPart(STREAMER, 2_294)])
    one_more = split(provider, trade_no, [SplitPart(STREAMER, 1)], "S2")

    assert refusal(over) == "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"
    assert refusal(unbound) == "ACQ.ROYALTY_RECEIVER_INVALID"
    assert refusal(too_many) == "ACQ.INVALID_PARAMETER"
    assert untouched == before
    assert isinstance(at_the_cap, Done)
    assert refusal(changed) == "ACQ.DISCORDANT_REPEAT_REQUEST"
    assert refusal(one_more) == "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"


def test_frozen_split_money_unfreezes_when_finished_or_after_30_days(simulator: Simulator) -> None:
    provider = simulator.provider()
    trade_no = paid(simulator, Payee(holds_for_split=True))
    bind(provider, STREAMER)
    frozen = simulator.books()[f"{OWN}:frozen"]

    split(provider, trade_no, [SplitPart(STREAMER, 685)])
    after_split = simulator.books()[f"{OWN}:frozen"]
    finished = provider.unfreeze(trade_no=trade_no, request_no="U1")
    books = simulator.books()

    assert (frozen, after_split) == (7_604, 7_604 - 685)
    assert isinstance(finished, Done)
    assert (books[f"{OWN}:frozen"], books[f"{OWN}:available"]) == (0, 7_604 - 685)


def test_what_nobody_unfreezes_is_free_after_30_days(simulator: Simulator) -> None:
    paid(simulator, Payee(holds_for_split=True))

    simulator.move_clock(days=29)
    before = simulator.books()[f"{OWN}:frozen"]
    simulator.move_clock(days=1, minutes=1)
    after = simulator.books()

    assert before == 7_604
    assert (after[f"{OWN}:frozen"], after[f"{OWN}:available"]) == (0, 7_604)


def test_an_asynchronous_split_is_accepted_then_executed_receiver_by_receiver(simulator: Simulator) -> None:
    provider, trade_no = simulator.provider(), paid(simulator)
    bind(provider, STREAMER)
    asked = Split((SplitPart(STREAMER, 685), SplitPart(ASSOCIATION, 343)), is_async=True)

    accepted = provider.split(trade_no=trade_no, request_no="S1", split=asked)
    at_once = provider.query_split(trade_no=trade_no, request_no="S1")
    simulator.move_clock(minutes=1)
    later = provider.query_split(trade_no=trade_no, request_no="S1")
    mixed = split(provider, trade_no, [SplitPart(STREAMER, 1)], "S2")

    assert isinstance(accepted, Done)
    assert isinstance(at_once, SplitFacts) and isinstance(later, SplitFacts)
    assert [line.state for line in at_once.lines] == ["processing", "processing"]
    assert [(line.state, line.error) for line in later.lines] == [
        ("done", ""),
        ("failed", "ACQ.ROYALTY_RECEIVER_INVALID"),
    ]
    assert simulator.books()[f"user:{STREAMER}:available"] == 685
    assert refusal(mixed) == "ACQ.INVALID_PARAMETER"


def test_a_split_nobody_asked_for_is_not_found(simulator: Simulator) -> None:
    trade_no = paid(simulator)

    assert simulator.provider().query_split(trade_no=trade_no, request_no="S9") == NotFound()


def test_a_refund_after_the_split_without_return_data_is_borne_by_the_payee_alone(
    simulator: Simulator,
) -> None:
    provider, trade_no = simulator.provider(), paid(simulator)
    bind(provider, STREAMER, ASSOCIATION)
    split(provider, trade_no, WORKED)
    before = simulator.books()

    short = provider.refund(trade_no=trade_no, request_no="R1", refund=Refund(7_650, ""))
    untouched = simulator.books()
    back = tuple(RoyaltyBack(part.account, part.fen) for part in WORKED)
    whole = provider.refund(trade_no=trade_no, request_no="R1", refund=Refund(7_650, "", back))

    books = simulator.books()
    assert refusal(short) == "ACQ.SELLER_BALANCE_NOT_ENOUGH"
    assert untouched == before
    assert isinstance(whole, Done)
    assert [books[f"user:{one}:available"] for one in (STREAMER, ASSOCIATION)] == [0, 0]
    assert (books[f"{OWN}:available"], books["alipay:fees"]) == (0, 0)
    assert books["buyer:2088102100000011"] == 100_000_000


def test_partial_refunds_return_the_split_to_the_fen_of_one_full_refund(simulator: Simulator) -> None:
    provider, trade_no = simulator.provider(), paid(simulator)
    bind(provider, STREAMER, ASSOCIATION)
    split(provider, trade_no, WORKED)
    refunded_fen = 0

    for number, fen in enumerate((1, 2_000, 333, 4_000, 1_316), 1):
        back = rules.royalties_back(WORKED, total_fen=7_650, refunded_fen=refunded_fen, refund_fen=fen)
        done = provider.refund(trade_no=trade_no, request_no=f"R{number}", refund=Refund(fen, "", back))
        assert isinstance(done, Done), done
        refunded_fen += fen

    books = simulator.books()
    assert refunded_fen == 7_650
    assert [books[f"user:{one}:available"] for one in (STREAMER, ASSOCIATION)] == [0, 0]
    assert (books[f"{OWN}:available"], books["alipay:fees"]) == (0, 0)


def test_more_than_was_split_cannot_return(simulator: Simulator) -> None:
    provider, trade_no = simulator.provider(), paid(simulator)
    bind(provider, STREAMER)
    split(provider, trade_no, [SplitPart(STREAMER, 685)])

    asked = Refund(1_000, "", (RoyaltyBack(STREAMER, 686),))
    refused = provider.refund(trade_no=trade_no, request_no="R1", refund=asked)

    assert refusal(refused) == "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"


def test_a_sub_merchants_money_is_pending_until_it_is_confirmed_then_split(simulator: Simulator) -> None:
    provider = simulator.provider()
    payee = farm(provider)
    trade_no = paid(simulator, payee)
    bind(provider, STREAMER)
    owner = f"sub:{payee.sub_merchant_id}"
    pending = simulator.books()[f"{owner}:pending"]

    too_early = split(provider, trade_no, [SplitPart(STREAMER, 685)])
    wrong = provider.confirm(trade_no=trade_no, request_no="F0", confirmation=Confirmation(7_649))
    confirmed = provider.confirm(
        trade_no=trade_no, request_no="F1", confirmation=Confirmation(7_650, holds_for_split=True)
    )
    again = provider.confirm(
        trade_no=trade_no, request_no="F1", confirmation=Confirmation(7_650, holds_for_split=True)
    )
    frozen = simulator.books()[f"{owner}:frozen"]
    done = provider.split(
        trade_no=trade_no,
        request_no="S1",
        split=Split((SplitPart(STREAMER, 685), SplitPart("2088000000000001", 343)), finishes=True),
    )

    books = simulator.books()
    assert pending == 7_604
    assert refusal(too_early) == "ACQ.ILLEGAL_SETTLE_STATE"
    assert refusal(wrong) == "ACQ.SETTLE_AMOUNT_ERROR"
    assert isinstance(confirmed, Done) and isinstance(again, Done)
    assert frozen == 7_604
    assert isinstance(done, Done)
    assert books[f"user:{STREAMER}:available"] == 685
    assert books[f"{OWN}:available"] == 343
    assert (books[f"{owner}:pending"], books[f"{owner}:frozen"]) == (0, 0)
    assert books[f"{owner}:available"] == 7_604 - 1_028
    assert simulator.total_fen() == 200_000_001


def test_a_sub_merchants_refund_before_confirmation_comes_from_the_pending_money(
    simulator: Simulator,
) -> None:
    provider = simulator.provider()
    payee = farm(provider)
    trade_no = paid(simulator, payee)

    part = provider.refund(trade_no=trade_no, request_no="R1", refund=Refund(2_000, ""))
    confirmed = provider.confirm(trade_no=trade_no, request_no="F1", confirmation=Confirmation(5_650))

    assert isinstance(part, Done) and isinstance(confirmed, Done)
    assert simulator.books()["buyer:2088102100000011"] == 100_000_000 - 5_650


def test_a_sub_merchants_trade_confirms_by_itself_after_its_days(simulator: Simulator) -> None:
    provider = simulator.provider()
    payee = farm(provider)
    paid(simulator, payee)
    owner = f"sub:{payee.sub_merchant_id}"

    simulator.move_clock(days=14, hours=23)
    before = simulator.books()[f"{owner}:pending"]
    simulator.move_clock(hours=2)
    after = simulator.books()

    assert before == 7_604
    assert (after[f"{owner}:pending"], after[f"{owner}:available"]) == (0, 7_604)


def test_an_unknown_sub_merchant_cannot_be_paid(simulator: Simulator) -> None:
    provider = simulator.provider()

    page = simulator.reach(
        provider.page_pay(make_group(7_650, payee=Payee(sub_merchant_id="2088600000000099")), mobile=False)
    )

    assert "ACQ.SUB_MERCHANT_NOT_EXIST" in page.text
    assert provider.query(out_trade_no="A1") == NotFound()
