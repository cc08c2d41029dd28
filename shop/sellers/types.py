"""Sellers of record and their money modes (PAYMENTS.md §2)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType
from uuid import UUID

from county.errors import N_, Refused

SellerId = NewType("SellerId", UUID)


class MoneyMode(StrEnum):
    """Where the buyer's money rests until it is settled; never mixed within one order."""

    PRINCIPAL = "principal"
    SUB_MERCHANT = "sub_merchant"
    DIRECT = "direct"


@dataclass(frozen=True)
class Seller:
    """A seller of record.

    `association_bp` is the association's part of the goods, `cap_bp` the provider's limit on all splits
    together as part of the order, `claim_hours` how long a buyer may claim after delivery.
    """

    id: SellerId
    name: str
    mode: MoneyMode
    merchant_id: str
    association_bp: int
    cap_bp: int
    claim_hours: int


@dataclass(frozen=True)
class ReturnAddress:
    """Where buyers send goods of a seller back to: who takes them, by which phone, at which address."""

    name: str
    phone: str
    address: str


@dataclass(frozen=True)
class KnownAddress:
    """A seller with its address for returns, None when there is none on record; `version` 0 then."""

    seller: Seller
    address: ReturnAddress | None
    version: int


class BadReturnAddress(Refused):
    """Something of an address for returns is missing or too long; `field` says where, `why` what."""

    code = "bad_return_address"
    says = N_("{why}")
    status = 422
