"""Makers of money that is owed: released orders with papers, commissions, compensations."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from county import ids
from county.ledger import service as ledger
from county.ledger.types import Cause, Posting
from county.people.types import Person, Role
from logistics.parcels.types import ParcelState
from shop.accounts.rules import CLAIMS, compensation_account, streamer_account
from shop.orders import service as orders
from shop.packing import service as packing
from shop.papers import service as papers
from shop.papers.types import NewPaper, PaperId, PaperKind
from shop.payouts import service as payouts
from shop.payruns import service as payruns
from shop.payruns.types import AnswerRow, ItemNo, PayRun, ReadAnswer, RunKind, RunNo, WaitReason
from shop.sellers.types import Seller
from tests.makers.payees import acting, make_account, make_admin
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.shop import make_card, make_grower, make_product, make_seller, pay, place


def make_released(
    db: Session, *, grower: Person, price_fen: int = 6850, quantity: int = 1, now: datetime = NOW
) -> str:
    """Make an order that was paid, packed, delivered and released; give its number."""
    product = make_product(db, grower=grower, price_fen=price_fen, now=now)
    order = place(db, product, quantity=quantity, now=now).orders[0]
    pay(db, order.order_no, fen=order.total_fen, now=now)
    parcel_no = packing.pack(db, order_no=order.order_no, grower_id=grower.id, actor=ROBOT, now=now)
    packing.follow_parcel(db, parcel_no=parcel_no, state=ParcelState.DELIVERED, now=now)
    until = orders.get_order(db, order_no=order.order_no).claim_until
    assert until is not None
    assert payouts.release_order(db, order_no=order.order_no, now=until)
    return order.order_no


def make_own_paper(db: Session, grower: Person, *, to_on: date = date(2027, 1, 1)) -> PaperId:
    """Give a grower an own-produce paper from the year's beginning."""
    paper = NewPaper(
        PaperKind.OWN_PRODUCE,
        grower.id,
        "",
        f"自产-{grower.id}",
        date(2026, 1, 5),
        date(2026, 1, 1),
        to_on,
        None,
    )
    admin = make_admin(db)
    return papers.add_paper(db, paper=paper, added_by=admin.id, actor=acting(admin), now=NOW)


def make_market(db: Session) -> Seller:
    """Make freight prices and the cooperative."""
    make_card(db)
    return make_seller(db)


def make_payable_grower(db: Session, *, seller: Seller, orders_of: int = 1) -> Person:
    """Make a grower whose released orders can be paid: 65.07 each, with a paper and an account."""
    grower = make_grower(db, seller=seller)
    for _ in range(orders_of):
        make_released(db, grower=grower)
    make_own_paper(db, grower)
    make_account(db, grower)
    return grower


def owe(db: Session, *, account: str, fen: int, now: datetime = NOW, cause: Cause | None = None) -> str:
    """Book an amount owed on a payable, whatever it comes from; give the entry's key."""
    key = f"owed:{ids.new_id()}"
    ledger.post(
        db,
        key=key,
        cause=cause or Cause("claim", key),
        postings=[Posting(CLAIMS, fen), Posting(account, -fen)],
        now=now,
    )
    return key


def make_payable_streamer(db: Session, *, fen: int, now: datetime = NOW) -> Person:
    """Make a streamer with a bank account who is owed a commission."""
    streamer = make_person(db, Role.STREAMER, name="赵小溪")
    make_account(db, streamer)
    owe(db, account=streamer_account(streamer.id), fen=fen, now=now)
    return streamer


def make_compensated(db: Session, *, fen: int) -> Person:
    """Make a grower with a bank account who is owed a compensation."""
    grower = make_person(db, Role.FARMER)
    make_account(db, grower)
    owe(db, account=compensation_account(grower.id), fen=fen)
    return grower


def advance(db: Session, run_no: RunNo, *steps: str, by: Person, now: datetime = NOW) -> PayRun:
    """Let a run take steps, such as `confirm_run`; give it afterwards."""
    for step in steps:
        run = payruns.get_run(db, run_no=run_no)
        getattr(payruns, step)(db, run_no=run_no, version=run.version, actor=acting(by), now=now)
    return payruns.get_run(db, run_no=run_no)


def make_sent_run(db: Session, kind: RunKind, *, now: datetime = NOW) -> PayRun:
    """Make a run of everything of a kind and send it."""
    one, two = make_admin(db), make_admin(db, name="罗斌")
    run_no = payruns.create_run(db, kind=kind, actor=acting(one), now=now)
    return advance(db, run_no, "confirm_run", "export_run", "send_run", by=two, now=now)


def answer(
    *rows: tuple[ItemNo | str, bool] | tuple[ItemNo | str, bool, int], name: str = "回盘.csv"
) -> ReadAnswer:
    """Make a bank's answer of (serial, paid, amount) as it is after reading."""
    read = tuple(
        AnswerRow(at, str(row[0]), row[1], "" if row[1] else "户名不符", row[2] if len(row) > 2 else None)
        for at, row in enumerate(rows, 2)
    )
    return ReadAnswer(name, f"{hash((name, read)) & (2**256 - 1):064x}"[:64], read, ())


def reasons(
    db: Session, kind: RunKind = RunKind.GROWERS, now: datetime = NOW
) -> list[tuple[WaitReason, int]]:
    """Give why whose money has to wait, and how much it is."""
    return [(each.reason, each.fen) for each in payruns.look_at(db, kind=kind, now=now).waiting]


def owed_fen(db: Session, account: str) -> int:
    """Give what is owed on a payable."""
    return -ledger.balance(db, account=account)
