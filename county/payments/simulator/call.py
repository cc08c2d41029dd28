"""What every gateway operation gets: the caller's app, the parameters, the transaction and the time."""

import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from county import clock


@dataclass(frozen=True)
class Terms:
    """The contract that this Alipay keeps; figures as published by Alipay in 2025 unless said otherwise."""

    # An ordinary contract's fee; ours is read from the bill, never computed.
    fee_bp: int = 60
    split_cap_bp: int = 3_000
    sync_receivers: int = 5
    sync_requests: int = 50
    async_receivers: int = 50
    async_requests: int = 300
    async_delay_s: int = 30
    freeze_s: int = 30 * 86_400
    settle_days: int = 365
    page_lives_s: int = 15 * 86_400
    qr_lives_s: int = 2 * 3_600
    # Chosen: contracts differ from 3 to 12 months.
    refund_window_s: int = 90 * 86_400


TERMS = Terms()


@dataclass(frozen=True)
class Call:
    """One verified request to the gateway, inside its transaction."""

    db: sqlite3.Connection
    now_s: int
    app_id: str
    seller_id: str
    method: str
    params: Mapping[str, str]
    content: Mapping[str, Any]
    base_url: str

    def param(self, name: str) -> str:
        """Give a common parameter, empty when absent."""
        return self.params.get(name, "")


def new_no(now_s: int, kind: str) -> str:
    """Make a number as Alipay's: the day, a kind of six digits, fourteen random digits."""
    day = datetime.fromtimestamp(now_s, UTC).astimezone(clock.COUNTY_ZONE).strftime("%Y%m%d")
    return f"{day}{kind}{secrets.randbelow(10**14):014d}"
