"""Turns the forms of accounts into typed values."""

from dataclasses import dataclass

from flask import request

from county.people.forms import clean_phone
from shop.payees.types import AccountKind, NewAccount


@dataclass(frozen=True)
class AskedAccount:
    """What was typed: the account, whose it is when the association types, and how its owner agreed.

    Whose: a courier's id in `carrier`, or the mobile number of a person.
    """

    account: NewAccount
    carrier: str
    phone: str
    consent_paper: str

    @staticmethod
    def empty() -> "AskedAccount":
        """Give the form as it is first shown."""
        return AskedAccount(NewAccount(AccountKind.BANK, "", ""), "", "", "")


def read_account(*, own_consent: str = "") -> AskedAccount:
    """Read an account; `own_consent` stands in the record where its owner ticked the consent."""
    kind = AccountKind.ALIPAY if request.form.get("kind") == AccountKind.ALIPAY else AccountKind.BANK
    account = NewAccount(
        kind,
        request.form.get("number", "")[:60],
        request.form.get("holder", "")[:80],
        request.form.get("bank", "")[:80],
        request.form.get("branch", "")[:80],
    )
    ticked = own_consent if request.form.get("consent") == "1" else ""
    return AskedAccount(
        account=account,
        carrier=request.form.get("carrier", "").strip()[:40],
        phone=clean_phone(request.form.get("phone", "")),
        consent_paper=ticked or request.form.get("consent_paper", "").strip()[:60],
    )


def read_reason() -> str:
    """Read why a whole number is asked for."""
    return request.form.get("reason", "")[:200]
