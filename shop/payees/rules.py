"""Decisions about accounts: the table of moves, what a number must look like, masking, the cooling-off."""

import re
from datetime import datetime, timedelta

from county.errors import N_, IllegalMove
from shop.payees.types import (
    AccountEvent,
    AccountKind,
    AccountState,
    AccountUse,
    BadAccount,
    NewAccount,
    PayeeAccount,
    PayeeKind,
)

S, E = AccountState, AccountEvent
MOVES: dict[tuple[AccountState, AccountEvent], AccountState] = {
    (S.PROPOSED, E.CONFIRM): S.CONFIRMED,
    (S.PROPOSED, E.REJECT): S.REJECTED,
    (S.CONFIRMED, E.REPLACE): S.REPLACED,
}
# A stolen sign-in changes the account first; a day gives its owner time to notice the message.
COOLING_OFF = timedelta(hours=24)
# Alipay user ids: sixteen digits that begin with 2088. Source: Alipay open platform, parameter seller_id.
_ALIPAY = re.compile(r"2088[0-9]{12}")
# Chinese personal cards have 16–19 digits, accounts of companies and old savings books 8–30.
_BANK = re.compile(r"[0-9]{8,30}")
_NUMBERS = {AccountKind.ALIPAY: _ALIPAY, AccountKind.BANK: _BANK}
_EXPECTED = {
    AccountKind.ALIPAY: N_("expected 16 digits that begin with 2088"),
    AccountKind.BANK: N_("expected 8 to 30 digits and nothing else"),
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


def move(state: AccountState, event: AccountEvent) -> AccountState:
    """Give the state after an event; raises `IllegalMove` when it is not possible."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalMove(what="account", state=state.value, event=event.value) from None


def clean_number(text: str) -> str:
    """Drop the spaces and dashes that people type into account numbers, and nothing else."""
    return text.strip().replace(" ", "").replace("-", "")


def checked(account: NewAccount, *, payee_kind: PayeeKind) -> NewAccount:
    """Give an account that can be one; a courier firm is paid through its bank alone.

    Refuses: `BadAccount` naming the field.
    """
    if payee_kind is PayeeKind.CARRIER and account.kind is not AccountKind.BANK:
        raise BadAccount(field="kind", why=N_("a courier is paid on a bank account only"))
    number = clean_number(account.number)
    if not _NUMBERS[account.kind].fullmatch(number):
        raise BadAccount(field="number", why=_EXPECTED[account.kind])
    words = {"holder": account.holder.strip()}
    if account.kind is AccountKind.BANK:
        words |= {"bank": account.bank.strip(), "branch": account.branch.strip()}
    for field, text in words.items():
        if not text or len(text) > 60 or _CONTROL.search(text):
            raise BadAccount(field=field, why=N_("expected 1 to 60 characters"))
    return NewAccount(account.kind, number, **words)


def mask(number: str) -> str:
    """Hide all of an account number but its last four digits."""
    return "**** " + number[-4:]


def usable_from(confirmed_at: datetime) -> datetime:
    """Give the moment from which money may go to an account confirmed at `confirmed_at`."""
    return confirmed_at + COOLING_OFF


def use_of(account: PayeeAccount | None, *, now: datetime) -> AccountUse:
    """Say whether money can go to a person's confirmed account, if there is one."""
    if account is None or account.usable_from is None:
        return AccountUse.MISSING
    return AccountUse.READY if account.usable_from <= now else AccountUse.COOLING_OFF
