"""What a story knows while it is told: its people with their browsers, its clock, its facts."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from county import clock, config
from county.money import format_yuan
from county.operations import demo
from county.operations.visiting import NotAsExpected, Page, Visitor

PASSWORD = demo.PASSWORD
BUYER, FARMER, AGENT, STREAMER = "13900000001", "13900000011", "13900000021", "13900000031"
SECOND_BUYER = "13900000002"
COURIER, HUB, DRIVER, KEEPER = "13900000041", "13900000042", "13900000051", "13900000061"
ADMIN, SECOND_ADMIN, AUDITOR = "13900000091", "13900000092", "13900000099"
ADDRESS = {
    "name": "李明",
    "phone": "13900000001",
    "province": "陕西",
    "city": "西安市",
    "county": "雁塔区",
    "detail": "小寨东路1号2单元301室",
}


@dataclass
class Story:
    """What the story has come to know so far; steps print one line each."""

    settings: config.Settings
    clock_file: Path
    say: Callable[[str], None]
    offset: timedelta = timedelta()
    facts: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Visitor] = field(default_factory=dict)
    count: int = 0

    def person(self, phone: str) -> Visitor:
        """Give somebody's browser, signed in."""
        if phone not in self.people:
            visitor = Visitor(self.settings.public_url)
            visitor.sign_in(phone=phone, password=PASSWORD)
            self.people[phone] = visitor
        return self.people[phone]

    def step(self, sentence: str) -> None:
        """Print one step with its figures."""
        self.count += 1
        self.say(f"{self.count:2d}. {sentence}")

    def later(self, **span: float) -> None:
        """Let time pass: every program's clock moves on."""
        self.offset += timedelta(**span)
        clock.move(self.clock_file, seconds=int(self.offset.total_seconds()))
        self.people.clear()  # Sign-ins end after thirty days; whoever comes back signs in anew.

    def wait_for(self, what: str, look: Callable[[], bool], *, within_s: float = 60) -> None:
        """Look again and again until something is so; the clerk needs a moment for what was announced."""
        until_s = clock.monotonic_s() + within_s
        while not look():
            if clock.monotonic_s() > until_s:
                raise NotAsExpected(f"waited {within_s:.0f} s for: {what}")
            threading.Event().wait(0.2)


def yuan(fen: int) -> str:
    """Write fen for the story."""
    return "¥" + format_yuan(fen)


def as_json(page: Page) -> Any:
    """Read a page that answers JSON."""
    return json.loads(page.text)
