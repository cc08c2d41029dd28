"""Bank and Alipay accounts of people and of couriers, and why a change or a payment is refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from county.errors import N_, Refused

PayeeAccountId = NewType("PayeeAccountId", UUID)


class AccountKind(StrEnum):
    """What kind of account money goes to."""

    BANK = "bank"
    ALIPAY = "alipay"


class AccountState(StrEnum):
    """Where an account is on its way: one proposal and one confirmed account per payee and kind."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    REPLACED = "replaced"


class AccountEvent(StrEnum):
    """What happens to an account."""

    CONFIRM = "confirm"
    REJECT = "reject"
    REPLACE = "replace"


class AccountUse(StrEnum):
    """Whether money can go to a payee now."""

    READY = "ready"
    COOLING_OFF = "cooling_off"
    MISSING = "missing"


class PayeeKind(StrEnum):
    """Who is paid: a person, or a courier firm of the pool."""

    PERSON = "person"
    CARRIER = "carrier"


@dataclass(frozen=True)
class Payee:
    """Somebody who is paid, by the id of the person or the carrier."""

    kind: PayeeKind
    id: UUID


@dataclass(frozen=True)
class NewAccount:
    """An account as it was typed and checked; `bank` and `branch` are empty for Alipay."""

    kind: AccountKind
    number: str
    holder: str
    bank: str = ""
    branch: str = ""


@dataclass(frozen=True)
class PayeeAccount:
    """An account as pages show it: the number is masked."""

    id: PayeeAccountId
    payee_id: UUID
    payee: str
    kind: AccountKind
    masked: str
    holder: str
    bank: str
    branch: str
    state: AccountState
    consent_paper: str
    proposed_by: UUID
    proposed_by_name: str
    proposed_at: datetime
    confirmed_at: datetime | None
    usable_from: datetime | None


@dataclass(frozen=True)
class BankAccount:
    """A bank account with its whole number: for the bank's file only, never for a page."""

    account_id: PayeeAccountId
    holder: str
    bank: str
    branch: str
    number: str


class BadAccount(Refused):
    """An account that cannot be one."""

    code = "bad_account"
    says = N_("{field} cannot be right: {why}")
    status = 422


class ConsentMissing(Refused):
    """An account is kept only with the person's own consent."""

    code = "account_consent_missing"
    says = N_("The account can only be kept with its owner's consent. Please tick it.")
    status = 422


class AgentMayNot(Refused):
    """Whoever acts for a farmer never touches where the farmer's money goes."""

    code = "agent_may_not"
    says = N_("Only the farmer or the association may change where the money goes, never a village agent.")
    status = 403


class ProposalOpen(Refused):
    """A proposal for this payee's kind of account waits to be confirmed."""

    code = "account_proposal_open"
    says = N_("A change of this account waits for a second person already.")


class ReasonMissing(Refused):
    """A whole number is shown only for a reason that stays on record."""

    code = "reason_missing"
    says = N_("Please say why you need to see the whole number.")
    status = 422
