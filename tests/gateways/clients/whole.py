"""The whole walk, part after part, the same for every client."""

from tests.gateways.clients import ending, paying, settling
from tests.gateways.clients.asking import Step, Walk

PARTS = (
    paying.at_the_cashier,
    paying.the_notice,
    paying.by_code_and_phone,
    paying.several_at_once,
    paying.closing,
    settling.refunding,
    settling.splitting,
    settling.sub_merchants,
    settling.transfers,
    ending.keys_and_charsets,
    ending.what_is_refused,
    ending.the_bill,
    ending.when_time_has_passed,
)


def walk_through(walk: Walk) -> None:
    """Go through everything that a client and the simulator do together."""
    for part in PARTS:
        part(walk)


def wrong_steps(steps: list[Step]) -> list[Step]:
    """Give the steps that were not as they should be."""
    return [step for step in steps if step.wrong]
