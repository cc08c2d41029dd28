"""Names of ledger accounts and books: who holds what of an order's money, and who is owed it."""

from collections.abc import Iterable
from uuid import UUID

from county.ledger.types import Book
from shop.orders.types import Payee, Split
from shop.sellers.types import MoneyMode, Seller

FEE = "expense:alipay-fee"
AT_ALIPAY = "cash:alipay"
BANK = "cash:bank"
OWN_MONEY = "equity:paid-in"
TAX = "liability:tax-withheld"
CLAIMS = "expense:claims"
SPENDING = "expense:own-costs"
# What a courier owes, by its id; named by `logistics.netting`, which books it.
COURIER_OWES = "receivable:courier"
SERVICE = "payable:association:service"
TRANSPORT = "payable:association:transport"


def money_account(seller: Seller) -> str:
    """Name the account in which a buyer's money for this seller rests at Alipay."""
    return f"{AT_ALIPAY}:{seller.id}"


def order_account(order_no: str) -> str:
    """Name the account of what an order's buyer has paid and nobody has earned yet."""
    return f"liability:order:{order_no.lower()}"


def suspense_account(trade_no: str) -> str:
    """Name the account of a trade that belongs to no order: a second one, or money on its way back."""
    return f"suspense:trade:{trade_no.lower()}"


def grower_account(person_id: UUID) -> str:
    """Name the account of what a grower is owed for goods."""
    return f"payable:grower:{person_id}"


def streamer_account(person_id: UUID) -> str:
    """Name the account of what a streamer is owed as commission."""
    return f"payable:streamer:{person_id}"


def compensation_account(person_id: UUID) -> str:
    """Name the account of what a grower gets because somebody else is liable for a claim."""
    return f"payable:compensation:{person_id}"


def fee_account(person_id: UUID) -> str:
    """Name the account of what a farm is owed because Alipay took its fee out of the farm's money."""
    return f"payable:fee:{person_id}"


def payee_of(account: str) -> UUID:
    """Read whose a payable is from its account's name: a person's or a carrier's id."""
    return UUID(account.rsplit(":", 1)[1])


def account_of(split: Split) -> str:
    """Name the account on which a split's receiver is owed it."""
    match split.payee:
        case Payee.ASSOCIATION:
            return SERVICE
        case Payee.TRANSPORT:
            return TRANSPORT
    assert split.payee_id is not None
    return grower_account(split.payee_id) if split.payee is Payee.GROWER else streamer_account(split.payee_id)


def totals_by_account(splits: Iterable[Split]) -> list[tuple[str, int]]:
    """Add splits up per account, by account name; accounts that receive nothing are left out."""
    totals: dict[str, int] = {}
    for split in splits:
        totals[account_of(split)] = totals.get(account_of(split), 0) + split.fen
    return sorted((account, fen) for account, fen in totals.items() if fen)


def book_of(seller: Seller) -> Book:
    """Say whether a seller's money is ours to book (principal) or a memo of what others hold."""
    return Book.REAL if seller.mode is MoneyMode.PRINCIPAL else Book.MEMO
