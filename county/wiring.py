"""What the ground floor offers to the front door."""

from county.audit.invariants import INVARIANTS as AUDIT
from county.config import Settings
from county.errors import N_
from county.ledger.invariants import INVARIANTS as LEDGER
from county.payments.invariants import INVARIANTS as PAYMENTS
from county.room import Bell, JobKind, Room


def connect(settings: Settings) -> None:
    """Give sealed columns their key; offer the ground floor's places to the navigation."""
    # Here and not above, so that commands without pages start without the web's modules.
    from county import sealed
    from county.config import make_secret_key
    from county.payments.service import PaymentTasks
    from county.people.types import Role
    from county.tasks import service as tasks
    from county.web import places

    sealed.wire_secret(make_secret_key(settings))
    tasks.offer(PaymentTasks())
    everybody = tuple(Role)
    places.offer(
        places.Place("people.show_sign_in", N_("Sign in"), "me", (places.VISITOR,), in_bar=4),
        places.Place("people.show_me", N_("Me"), "me", everybody, in_bar=4),
        places.Place(
            "tasks.list_tasks",
            N_("Tasks"),
            "bell",
            ("association_admin", "auditor"),
            in_bar=1,
            open_tasks=tasks.count_waiting,
        ),
    )


ROOM = Room(
    name="county",
    blueprints=(
        "county.web.health:pages",
        "county.web.openapi:pages",
        "county.people.pages:pages",
        "county.files.pages:pages",
        "county.payments.pages:pages",
        "county.tasks.pages:pages",
    ),
    api=("county.people.api:api",),
    commands={
        "demo": "county.operations.cli:demo_command",
        "serve": "county.operations.cli:serve_command",
        "migrate": "county.operations.cli:migrate_command",
        "doctor": "county.operations.cli:doctor_command",
        "backup": "county.operations.cli:backup_command",
        "restore": "county.operations.cli:restore_command",
        "simulator": "county.payments.cli:simulator_command",
        "routes": "county.web.cli:routes_command",
        "seed": "county.operations.seeding:seed_command",
        "story": "county.operations.story:story_command",
        "clerk": "county.clerk.cli:clerk_command",
        "invariants": "county.checks.cli:invariants_command",
        "audit verify": "county.checks.cli:audit_verify_command",
        "ledger export": "county.ledger.cli:export_command",
    },
    jobs=(
        JobKind(kind="send_sms", does="county.notices.jobs:send_sms", outside=True),
        JobKind(kind="payments_instruct", does="county.payments.jobs:instruct", outside=True),
        JobKind(kind="payments_fetch_bill", does="county.payments.jobs:fetch_bill", outside=True),
    ),
    bells=(
        Bell("unpaid-payments", every_s=20, does="county.payments.jobs:ask_unpaid"),
        Bell("read-bills", daily_at="10:30", does="county.payments.jobs:read_bills"),
        Bell("chain-heads", daily_at="00:10", does="county.checks.jobs:write_heads"),
        Bell("verify-chains", daily_at="02:30", does="county.checks.jobs:verify_chains"),
        Bell("invariants", daily_at="03:00", does="county.checks.jobs:check_invariants"),
    ),
    invariants=(
        *LEDGER,
        *AUDIT,
        *PAYMENTS,
    ),
    tables=(
        "county.people.tables",
        "county.places.tables",
        "county.notices.tables",
        "county.files.tables",
        "county.web.tables",
        "county.audit.tables",
        "county.jobs.tables",
        "county.outbox.tables",
        "county.ledger.tables",
        "county.payments.tables",
    ),
    seeds="county.seeds:seed",
    connect=connect,
)
