"""Instructions on their way through the job worker to the simulator, with everything that gets lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from county import clock, database
from county.audit.types import Actor
from county.jobs import worker
from county.payments import jobs, service
from county.payments.types import Instruction, InstructionState, PaymentState, Refund, RefundTooLarge
from tests.gateways.shopping import open_group, told
from tests.gateways.simulating import Simulator

ADMIN = Actor.system("test")


def pay_a1(simulator: Simulator) -> None:
    """Pay A1 and have the notice delivered."""
    simulator.pay(service.start_page_pay(open_group()))
    simulator.deliver()


def refund(fen: int = 2_000) -> Instruction:
    """Decide a refund of A1."""
    with database.transaction() as db:
        return service.open_refund(
            db, out_trade_no="A1", key="claim:1", refund=Refund(fen, "烂了"), actor=ADMIN, now=clock.now()
        )


def work(minutes: int = 0) -> int:
    """Do all jobs that are due so many minutes from now."""
    return worker.work_until_idle(lambda: clock.now() + timedelta(minutes=minutes))


def state_of(key: str) -> InstructionState:
    """Give the state of an instruction."""
    with database.reading() as db:
        instruction = service.find_instruction(db, key=key)
        assert instruction is not None
        return instruction.state


def payment_state() -> PaymentState:
    """Give the state of A1."""
    with database.reading() as db:
        return service.get_payment(db, out_trade_no="A1").state


def test_a_refund_is_paid_back_by_the_job(whole: Simulator, shop_app: Flask) -> None:
    pay_a1(whole)
    refund()

    work()

    assert state_of("claim:1") is InstructionState.DONE
    assert told(shop_app)[-1] == ("refund_done", "claim:1")
    assert whole.books()["buyer:2088102100000011"] == 100_000_000 - 5_650


@pytest.mark.parametrize("fault", ["effect_timeout", "dropped", "bad_gateway", "system_error"])
def test_a_refund_whose_answer_is_lost_pays_back_once(whole: Simulator, shop_app: Flask, fault: str) -> None:
    pay_a1(whole)
    whole.fault(fault, method="alipay.trade.refund", seconds="0")
    refund()

    work()
    between = state_of("claim:1")
    work(minutes=2)

    assert between is InstructionState.UNKNOWN
    assert state_of("claim:1") is InstructionState.DONE
    assert whole.books()["buyer:2088102100000011"] == 100_000_000 - 5_650
    assert told(shop_app).count(("refund_done", "claim:1")) == 1


def test_a_worker_that_died_after_the_call_does_not_pay_back_twice(whole: Simulator, shop_app: Flask) -> None:
    pay_a1(whole)
    asked = refund()
    with database.transaction() as db:
        begun = service.begin_instruction(db, instruction_id=asked.id, now=clock.now())
    assert begun is not None
    jobs.perform(service.provider(), begun)

    work()

    assert state_of("claim:1") is InstructionState.DONE
    assert whole.books()["buyer:2088102100000011"] == 100_000_000 - 5_650


def test_a_restored_backup_does_not_use_a_number_again(whole: Simulator) -> None:
    pay_a1(whole)
    numbers = []
    for _ in range(3):
        # What a backup restored to before the decision does not know any more.
        with pytest.raises(ZeroDivisionError), database.transaction() as db:
            asked = Refund(2_000, "烂了")
            decided = service.open_refund(
                db, out_trade_no="A1", key="claim:1", refund=asked, actor=ADMIN, now=clock.now()
            )
            numbers.append(decided.request_no)
            raise ZeroDivisionError
    numbers.append(refund().request_no)

    work()

    assert len(set(numbers)) == 4
    assert state_of("claim:1") is InstructionState.DONE
    assert whole.books()["buyer:2088102100000011"] == 100_000_000 - 5_650


def test_a_refund_that_alipay_refuses_is_told_once_and_not_sent_again(
    whole: Simulator, shop_app: Flask
) -> None:
    pay_a1(whole)
    whole.move_clock(days=100)
    refund()

    work()
    work(minutes=600)

    assert state_of("claim:1") is InstructionState.REFUSED
    assert told(shop_app).count(("refund_refused", "claim:1")) == 1


def test_two_people_refunding_at_once_pay_back_no_more_than_was_paid(whole: Simulator) -> None:
    pay_a1(whole)

    def decide(number: int) -> bool:
        def work(db: Session) -> Instruction:
            asked = Refund(5_000, "烂了")
            return service.open_refund(
                db, out_trade_no="A1", key=f"claim:{number}", refund=asked, actor=ADMIN, now=clock.now()
            )

        try:
            database.in_transaction(work)
        except RefundTooLarge:
            return False
        return True

    with ThreadPoolExecutor(max_workers=4) as pool:
        decided = list(pool.map(decide, range(4)))
    work()

    with database.reading() as db:
        payment = service.get_payment(db, out_trade_no="A1")
    assert sorted(decided) == [False, False, False, True]
    assert (payment.refunding_fen, payment.refunded_fen) == (5_000, 5_000)
    assert whole.books()["buyer:2088102100000011"] == 100_000_000 - 2_650


def test_a_cancelled_order_is_closed_at_alipay(whole: Simulator) -> None:
    cashier = whole.reach(service.start_page_pay(open_group()))
    with database.transaction() as db:
        service.close_payment(db, out_trade_no="A1", actor=ADMIN, now=clock.now())

    work()

    assert state_of("close:A1") is InstructionState.DONE
    assert "不能付款" in whole.choose(cashier).text


def test_an_order_paid_just_before_its_close_is_found_late_without_its_notice(
    whole: Simulator, shop_app: Flask
) -> None:
    whole.pay(service.start_page_pay(open_group()))
    with database.transaction() as db:
        service.close_payment(db, out_trade_no="A1", actor=ADMIN, now=clock.now())

    work()

    assert state_of("close:A1") is InstructionState.REFUSED
    assert payment_state() is PaymentState.LATE
    assert told(shop_app) == [("close_refused", "close:A1"), ("late", "A1")]


def test_an_order_paid_just_before_its_close_is_asked_about_until_there_is_an_answer(
    whole: Simulator, shop_app: Flask
) -> None:
    whole.pay(service.start_page_pay(open_group()))
    with database.transaction() as db:
        service.close_payment(db, out_trade_no="A1", actor=ADMIN, now=clock.now())
    # As if the process died between the close that was refused and the question.
    whole.fault("dropped", method="alipay.trade.query", seconds="0")

    work()
    between = state_of("close:A1"), payment_state()
    work(minutes=2)

    assert between == (InstructionState.REFUSED, PaymentState.CLOSED)
    assert payment_state() is PaymentState.LATE
    assert told(shop_app) == [("close_refused", "close:A1"), ("late", "A1")]


def test_a_notice_that_comes_after_the_close_is_a_late_payment(whole: Simulator, shop_app: Flask) -> None:
    whole.fault("notice_after_close")
    whole.pay(service.start_page_pay(open_group()))
    held_back = whole.deliver()
    with database.transaction() as db:
        service.close_payment(db, out_trade_no="A1", actor=ADMIN, now=clock.now())

    service.provider().close(out_trade_no="A1")
    whole.deliver()

    assert held_back == []
    assert payment_state() is PaymentState.LATE
    assert told(shop_app) == [("late", "A1")]


def test_a_lost_notice_is_made_up_for_by_asking(whole: Simulator, shop_app: Flask) -> None:
    before = clock.now()
    whole.pay(service.start_page_pay(open_group()))

    jobs.ask_unpaid(before + timedelta(seconds=59))
    too_early = payment_state()
    jobs.ask_unpaid(clock.now() + timedelta(seconds=61))

    assert too_early is PaymentState.AWAITING
    assert payment_state() is PaymentState.PAID
    assert told(shop_app) == [("succeeded", "A1")]


def test_notices_out_of_order_book_one_payment(whole: Simulator, shop_app: Flask) -> None:
    whole.fault("notice_reordered")
    whole.pay(service.start_page_pay(open_group()))
    whole.deliver()
    jobs.ask(out_trade_no="A1")
    refund()
    work()

    whole.move_clock(seconds=5)
    whole.deliver()

    with database.reading() as db:
        payment = service.get_payment(db, out_trade_no="A1")
        count = service.count_notices(db, out_trade_no="A1")
    assert told(shop_app) == [("succeeded", "A1"), ("refund_done", "claim:1")]
    assert (payment.state, payment.refunded_fen, count) == (PaymentState.PAID, 2_000, 2)
