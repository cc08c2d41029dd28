"""Says what does not hold after a seed: our ledger, orders and stock against the simulator's own books."""

from county import database
from tests.flows.money_simulation import house, money
from tests.flows.money_simulation.evidence import Evidence
from tests.flows.money_simulation.story import Story

LOOKS = (
    house.invariants,
    house.chains,
    money.trades,
    money.refunds,
    money.alipay_accounts,
    money.receivers,
    money.buyers,
    money.fees,
    money.orders_add_up,
    money.bank,
    money.farms_fees,
    money.returned_are_tasks,
    money.bills,
    house.stock,
    house.nothing_silent,
    house.tasks_are_seen,
)


def judge(story: Story) -> list[str]:
    """List everything that is not as it must be, in plain words."""
    with database.reading() as db:
        seen = Evidence(story, db)
        return [fault for look in LOOKS for fault in look(seen)]
