"""Decisions of aftersales: the table of moves, deadlines, amounts, who is liable."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from county.errors import N_, IllegalMove
from logistics.tracking.types import Cause, Mishap, Reason
from shop.aftersales.types import (
    Asked,
    BadClaim,
    Claim,
    ClaimEvent,
    ClaimKind,
    ClaimLate,
    ClaimReason,
    ClaimState,
    Liability,
    LiableParty,
    LiableWhy,
    NoReturnForFresh,
    NotClaimable,
    Party,
    Way,
)
from shop.catalogue.types import Category
from shop.orders.types import Order, OrderLine, OrderState

S, E, P = ClaimState, ClaimEvent, Party


@dataclass(frozen=True)
class Move:
    """Where an event leads, and who may cause it."""

    to: ClaimState
    who: frozenset[Party]


def _move(to: ClaimState, *who: Party) -> Move:
    return Move(to, frozenset(who))


MOVES: dict[tuple[ClaimState, ClaimEvent], Move] = {
    (S.OPEN, E.APPROVE): _move(S.REFUNDING, P.GROWER, P.ASSOCIATION, P.CLOCK),
    (S.OPEN, E.APPROVE_RETURN): _move(S.TO_RETURN, P.GROWER, P.ASSOCIATION, P.CLOCK),
    (S.OPEN, E.REFUSE): _move(S.REFUSED, P.GROWER, P.ASSOCIATION),
    (S.OPEN, E.WITHDRAW): _move(S.WITHDRAWN, P.BUYER),
    (S.OPEN, E.LAPSE): _move(S.CLOSED, P.CLOCK),
    (S.REFUSED, E.APPEAL): _move(S.APPEALED, P.BUYER),
    (S.REFUSED, E.LAPSE): _move(S.CLOSED, P.CLOCK),
    (S.APPEALED, E.APPROVE): _move(S.REFUNDING, P.ASSOCIATION, P.CLOCK),
    (S.APPEALED, E.APPROVE_RETURN): _move(S.TO_RETURN, P.ASSOCIATION, P.CLOCK),
    (S.APPEALED, E.REFUSE): _move(S.CLOSED, P.ASSOCIATION),
    (S.APPEALED, E.WITHDRAW): _move(S.WITHDRAWN, P.BUYER),
    (S.APPEALED, E.LAPSE): _move(S.CLOSED, P.CLOCK),
    (S.TO_RETURN, E.SEND_BACK): _move(S.RETURNING, P.BUYER),
    (S.TO_RETURN, E.WITHDRAW): _move(S.WITHDRAWN, P.BUYER),
    (S.TO_RETURN, E.LAPSE): _move(S.CLOSED, P.CLOCK),
    (S.RETURNING, E.RECEIVE): _move(S.REFUNDING, P.GROWER, P.ASSOCIATION, P.CLOCK),
    (S.RETURNING, E.DISPUTE): _move(S.APPEALED, P.GROWER),
    (S.RETURNING, E.LAPSE): _move(S.CLOSED, P.CLOCK),
    (S.REFUNDING, E.REFUND_DONE): _move(S.DONE, P.MONEY),
    (S.REFUNDING, E.REFUND_FAILED): _move(S.STUCK, P.MONEY),
    (S.STUCK, E.RETRY): _move(S.REFUNDING, P.ASSOCIATION),
    # The refund itself may be tried again where refunds are looked after; it is the same money.
    (S.STUCK, E.REFUND_DONE): _move(S.DONE, P.MONEY),
}
# A line has one claim in these states at a time, and the order's money waits for it.
UNSETTLED = (S.OPEN, S.REFUSED, S.APPEALED, S.TO_RETURN, S.RETURNING, S.REFUNDING, S.STUCK)
# How long each waiting state lasts: 24 h for the grower, 48 h to appeal, 48 h for the association,
# 7 days to send back, 10 days after the waybill until the goods count as received.
WAITS: dict[ClaimState, timedelta] = {
    S.OPEN: timedelta(hours=24),
    S.REFUSED: timedelta(hours=48),
    S.APPEALED: timedelta(hours=48),
    S.TO_RETURN: timedelta(days=7),
    S.RETURNING: timedelta(days=10),
}
# Consumer Protection Law of the PRC (2013), article 25: seven days without a reason, not for fresh goods.
RETURN_DAYS = 7
FRESH = frozenset({Category.FRUIT})
# Mushrooms are sold dried and fresh; the grower's title says which.
FRESH_BY_TITLE: Mapping[Category, str] = {Category.MUSHROOM: "鲜"}
REASONS: dict[ClaimKind, tuple[ClaimReason, ...]] = {
    ClaimKind.SPOILED: (ClaimReason.SPOILED,),
    ClaimKind.REFUND_ONLY: (ClaimReason.NOT_ARRIVED, ClaimReason.WRONG_GOODS, ClaimReason.OTHER),
    ClaimKind.RETURN: (ClaimReason.UNWANTED, ClaimReason.WRONG_GOODS),
}
PICTURES_MAX = 6
PIECES_MAX = 9_999
SAYS_MAX = 500
# What each party promises, in days: pool at the hub, courier after the hand-over, station until called for.
HUB_DAYS, COURIER_DAYS, STATION_DAYS = 2, 3, 2
# How many days after arrival the goods keep by promise; what is claimed later is the buyer's goodwill.
KEEPS_DAYS: Mapping[Category, int] = {Category.FRUIT: 2, Category.MUSHROOM: 3}
KEEPS_DAYS_ELSE = 30
_UNDER_WAY = (
    OrderState.PAID,
    OrderState.PACKED,
    OrderState.SHIPPED,
    OrderState.AT_STATION,
    OrderState.DELIVERED,
)


def move(state: ClaimState, event: ClaimEvent, *, by: Party) -> ClaimState:
    """Give the state after an event; raises `IllegalMove` when it is not possible or not theirs to cause."""
    found = MOVES.get((state, event))
    if found is None or by not in found.who:
        raise IllegalMove(what="claim", state=state.value, event=event.value)
    return found.to


def approval(kind: ClaimKind, *, is_sent_back: bool) -> ClaimEvent:
    """Give the event that approves a claim: goods that are still to come back first, else the money."""
    return E.APPROVE_RETURN if kind is ClaimKind.RETURN and not is_sent_back else E.APPROVE


def timed_out(claim: Claim) -> ClaimEvent:
    """Give what happens by itself when nobody acted in time: the decisions go the buyer's way."""
    if claim.state in (S.OPEN, S.APPEALED):
        return approval(claim.kind, is_sent_back=bool(claim.waybill))
    return E.RECEIVE if claim.state is S.RETURNING else E.LAPSE


def due_at(state: ClaimState, *, now: datetime) -> datetime | None:
    """Give until when somebody must act in a state that begins now; None where nothing waits."""
    wait = WAITS.get(state)
    return now + wait if wait is not None else None


def is_fresh(category: Category, title: str) -> bool:
    """Tell whether goods are too fresh to be sent back."""
    return category in FRESH or (category in FRESH_BY_TITLE and FRESH_BY_TITLE[category] in title)


def claim_until(order: Order, kind: ClaimKind) -> datetime | None:
    """Give until when a claim of this kind can be made; None while its clock has not begun."""
    if kind is ClaimKind.RETURN:
        return order.delivered_at + timedelta(days=RETURN_DAYS) if order.delivered_at else None
    return order.claim_until


def require_claimable(order: Order, kind: ClaimKind, *, fresh: bool, now: datetime, written: str) -> None:
    """Refuse a claim that the order's state, the law or the time does not allow.

    Takes: `written`, the end of the time as people read it.
    """
    if order.state not in (*_UNDER_WAY, OrderState.COMPLETED):
        raise NotClaimable(why=N_("the order is not paid, or its money went back already."))
    if kind is not ClaimKind.REFUND_ONLY and order.delivered_at is None:
        raise NotClaimable(why=N_("it has not been delivered yet."))
    if kind is ClaimKind.RETURN and fresh:
        raise NoReturnForFresh()
    until_at = claim_until(order, kind)
    is_released = order.state is OrderState.COMPLETED and kind is not ClaimKind.RETURN
    if is_released or (until_at is not None and now >= until_at):
        raise ClaimLate(until=written)


def require_asked(asked: Asked, *, quantity: int, earlier: Iterable[Claim]) -> None:
    """Refuse figures, pictures and words that do not fit the kind of claim.

    Takes: `earlier`, the claims of spoiled pieces of this line that were or are being paid.
    """
    if asked.reason not in REASONS[asked.kind]:
        raise BadClaim(field="reason", why=N_("please choose what is wrong."))
    if len(asked.says) > SAYS_MAX:
        raise BadClaim(field="says", why=N_("please say it in at most 500 characters."))
    if len(asked.picture_ids) > PICTURES_MAX:
        raise BadClaim(field="picture", why=N_("at most six pictures can be sent."))
    if asked.kind is not ClaimKind.SPOILED:
        if asked.spoiled or asked.pieces:
            raise BadClaim(field="spoiled", why=N_("pieces are counted for spoiled goods only."))
        if not asked.says and asked.reason in (ClaimReason.OTHER, ClaimReason.WRONG_GOODS):
            raise BadClaim(field="says", why=N_("please say in a few words what is wrong."))
        return
    if not asked.picture_ids:
        raise BadClaim(field="picture", why=N_("please take at least one picture of what is spoiled."))
    if not quantity <= asked.pieces <= PIECES_MAX:
        raise BadClaim(field="pieces", why=N_("please say how many pieces you received in all."))
    if asked.spoiled < 1:
        raise BadClaim(field="spoiled", why=N_("please say how many pieces are spoiled, at least one."))
    before = list(earlier)
    if any(claim.pieces != asked.pieces for claim in before):
        raise BadClaim(field="pieces", why=N_("please say the same number of pieces as in your first claim."))
    if asked.spoiled + sum(claim.spoiled for claim in before) > asked.pieces:
        raise BadClaim(field="spoiled", why=N_("more pieces are spoiled than you received."))


def spoiled_fen(line_fen: int, *, spoiled: int, pieces: int, before: int = 0) -> int:
    """Give what `spoiled` of `pieces` are worth, when `before` were paid for already.

    Cumulative: each sum is rounded half up and the earlier one taken off, so many claims give what one would.
    """
    return _half_up(line_fen * (before + spoiled), pieces) - _half_up(line_fen * before, pieces)


def _half_up(dividend: int, divisor: int) -> int:
    return (2 * dividend + divisor) // (2 * divisor)


def freight_back(reason: ClaimReason, *, goods_left_fen: int, freight_left_fen: int) -> int:
    """Give how much freight goes back: all that is left when no goods of the order are kept.

    Takes: `goods_left_fen`, the goods that stay paid after this claim.
    Source: who sends back what they do not want bears the freight (Consumer Protection Law, article 25).
    """
    return freight_left_fen if reason is not ClaimReason.UNWANTED and goods_left_fen == 0 else 0


def line_of(order: Order, position: int) -> OrderLine | None:
    """Give a line of an order by its place, None when there is none."""
    return order.lines[position] if 0 <= position < len(order.lines) else None


def liable(
    kind: ClaimKind, reason: ClaimReason, way: Way, *, keeps_days: int, opened_at: datetime
) -> Liability:
    """Say who bears a claim, by what tracking knows; the first rule that fits.

    Source: PAYMENTS.md §2 (charged to lot and liable party), LOGISTICS.md §5 (follows the last custody).
    """
    found = _by_rule(kind, reason, way, keeps_days=keeps_days, opened_at=opened_at)
    if found.party is LiableParty.COURIER and not way.carrier_known:
        return Liability(LiableParty.ASSOCIATION, LiableWhy.CARRIER_UNKNOWN)
    return found


def _by_rule(
    kind: ClaimKind, reason: ClaimReason, way: Way, *, keeps_days: int, opened_at: datetime
) -> Liability:
    if kind is ClaimKind.RETURN and reason is ClaimReason.UNWANTED:
        return Liability(LiableParty.GROWER, LiableWhy.GOODS_BACK)
    if reason is ClaimReason.WRONG_GOODS:
        return Liability(LiableParty.GROWER, LiableWhy.WRONG_GOODS)
    if not way.packed:
        return Liability(LiableParty.GROWER, LiableWhy.NOT_SENT)
    if way.mishap is not None:
        return _mishap(way.mishap, departed_at=way.departed_at)
    if reason is ClaimReason.OTHER or way.refused:
        return Liability(LiableParty.ASSOCIATION, LiableWhy.GOODWILL)
    if reason is ClaimReason.NOT_ARRIVED:
        if way.departed_at is None:
            return Liability(LiableParty.ASSOCIATION, LiableWhy.NOT_HANDED_OVER)
        return Liability(LiableParty.COURIER, LiableWhy.LOST)
    return _spoiled(way, keeps_days=keeps_days, opened_at=opened_at)


def _mishap(mishap: Mishap, *, departed_at: datetime | None) -> Liability:
    """Follow whose side it lies on; where nobody says so, who had the parcel when it was first told.

    Source: Civil Code of the PRC, article 832: the carrier answers for damage and loss on its way, but not
    for force majeure, nor for what sender or consignee caused.
    """
    if mishap.cause is Cause.SHIPPER:
        return Liability(LiableParty.GROWER, LiableWhy.BAD_PACKING)
    if mishap.cause in (Cause.WEATHER, Cause.CONSIGNEE):
        return Liability(LiableParty.ASSOCIATION, LiableWhy.GOODWILL)
    had_it = departed_at is not None and mishap.at >= departed_at
    if mishap.cause is not Cause.CARRIER and not had_it:
        return Liability(LiableParty.ASSOCIATION, LiableWhy.BEFORE_HAND_OVER)
    why = LiableWhy.LOST if mishap.reason is Reason.LOST else LiableWhy.DAMAGED
    return Liability(LiableParty.COURIER, why)


def _spoiled(way: Way, *, keeps_days: int, opened_at: datetime) -> Liability:
    """Follow the custody: pool at the hub, courier, station, buyer; what all kept to is the grower's."""
    if _is_over(way.collected_at, way.departed_at, HUB_DAYS):
        return Liability(LiableParty.ASSOCIATION, LiableWhy.LAY_AT_HUB)
    if way.held_up:
        return Liability(LiableParty.COURIER, LiableWhy.HELD_UP)
    if _is_over(way.departed_at, way.arrived_at, COURIER_DAYS):
        if way.excused:
            return Liability(LiableParty.ASSOCIATION, LiableWhy.GOODWILL)
        return Liability(LiableParty.COURIER, LiableWhy.LATE)
    if _is_over(way.arrived_at, way.delivered_at, STATION_DAYS):
        return Liability(LiableParty.ASSOCIATION, LiableWhy.GOODWILL)
    if _is_over(way.delivered_at, opened_at, keeps_days):
        return Liability(LiableParty.ASSOCIATION, LiableWhy.GOODWILL)
    return Liability(LiableParty.GROWER, LiableWhy.WITHIN_PROMISE)


def _is_over(from_at: datetime | None, to_at: datetime | None, days: int) -> bool:
    return from_at is not None and to_at is not None and to_at - from_at > timedelta(days=days)


def keeps_days(category: Category) -> int:
    """Give how many days after arrival goods of this kind keep by promise."""
    return KEEPS_DAYS.get(category, KEEPS_DAYS_ELSE)


def parse_refund_key(key: str) -> tuple[str, str]:
    """Take a refund's key apart: `("claim", claim_no)`, `("again", refund_no)` or `("", "")`."""
    kind, _, rest = key.partition(":")
    return (kind, rest.partition(":")[0]) if kind in ("claim", "again") and rest else ("", "")
