"""The spoken names of where money in the bank came from."""

from county.errors import N_
from shop.withdrawals.types import Source

SOURCES = {Source.ALIPAY: N_("From Alipay"), Source.OWN: N_("Own money paid in")}
