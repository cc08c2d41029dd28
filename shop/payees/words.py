"""The spoken names of accounts and their states."""

from county.errors import N_
from shop.payees.types import AccountKind, AccountState

KINDS = {AccountKind.BANK: N_("Bank account"), AccountKind.ALIPAY: N_("Alipay")}
STATES = {
    AccountState.PROPOSED: (N_("Waits for a second person"), "warn"),
    AccountState.CONFIRMED: (N_("In use"), "good"),
    AccountState.REJECTED: (N_("Turned down"), "bad"),
    AccountState.REPLACED: (N_("No longer in use"), ""),
}
