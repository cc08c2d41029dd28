"""Who may do what in the logistics room: every route of these pages against the written matrix."""

import pytest

from county import database
from county.jobs import service as jobs
from county.people.types import Role
from logistics.carriers import service as carriers
from logistics.intake import service as intake
from logistics.netting import service as netting
from logistics.parcels import service as parcels
from logistics.settlements import service as settlements
from logistics.stations import service as stations
from logistics.tracking.types import EventKind
from tests.makers.logistics import (
    HEAD,
    PERIOD,
    daily_row,
    make_carrier,
    make_clerk,
    make_month,
    make_statement,
    tell,
    write_csv,
)
from tests.makers.people import NOW, ROBOT, make_person
from tests.makers.tours import make_parcel
from tests.makers.web import make_browser

COURIER, HUB, ADMIN, AUDITOR = (
    Role.COURIER_CLERK,
    Role.HUB_CLERK,
    Role.ASSOCIATION_ADMIN,
    Role.AUDITOR,
)
KEEPER = Role.STATION_KEEPER
# Route → who may; everybody else who is signed in answers 403.
MATRIX: dict[tuple[str, str], set[Role]] = {
    ("GET", "/intake"): {COURIER, HUB, ADMIN, AUDITOR},
    ("POST", "/intake"): {COURIER, HUB, ADMIN},
    ("GET", "/intake/<uuid:file_id>"): {COURIER, HUB, ADMIN, AUDITOR},
    ("POST", "/intake/<uuid:file_id>/take-in"): {COURIER, HUB, ADMIN},
    ("GET", "/feeds"): {COURIER, HUB, ADMIN},
    ("POST", "/feeds"): {COURIER, HUB, ADMIN},
    ("GET", "/hub"): {HUB},
    ("POST", "/hub/scan"): {HUB},
    ("GET", "/hub/mishap"): {HUB},
    ("GET", "/hub/mishap/<parcel_no>"): {HUB},
    ("POST", "/hub/mishap/<parcel_no>"): {HUB},
    ("GET", "/parcels/<parcel_no>/mistake"): {HUB, ADMIN, KEEPER},
    ("POST", "/parcels/<parcel_no>/mistake"): {HUB, ADMIN, KEEPER},
    ("GET", "/station/<parcel_no>/mishap"): {KEEPER},
    ("POST", "/station/<parcel_no>/mishap"): {KEEPER},
    ("GET", "/parcels"): {COURIER, HUB, ADMIN, AUDITOR},
    ("GET", "/parcels/export"): {COURIER, HUB, ADMIN, AUDITOR},
    ("GET", "/parcels/<parcel_no>"): {COURIER, HUB, ADMIN, AUDITOR},
    ("GET", "/statements"): {COURIER, ADMIN, AUDITOR},
    ("POST", "/statements"): {COURIER, ADMIN},
    ("GET", "/statements/<uuid:statement_id>"): {COURIER, ADMIN, AUDITOR},
    ("GET", "/statements/<uuid:statement_id>/export"): {COURIER, ADMIN, AUDITOR},
    ("GET", "/statements/<uuid:statement_id>/progress"): {COURIER, ADMIN, AUDITOR},
    ("POST", "/statements/<uuid:statement_id>/agree"): {ADMIN},
    ("GET", "/settlement"): {COURIER, ADMIN, AUDITOR},
    ("POST", "/settlement"): {ADMIN},
    ("GET", "/settlement/<period>"): {COURIER, ADMIN, AUDITOR},
    ("GET", "/settlement/<period>/progress"): {COURIER, ADMIN, AUDITOR},
    ("POST", "/settlement/<period>/close"): {ADMIN},
}
BLUEPRINTS = ("intake", "feeds", "hub", "mishaps", "settlements", "netting")


@pytest.fixture
def room(web_app, tmp_path):
    """Make one of everything that belongs to 中通, and a person for each role."""
    with database.transaction() as db:
        first, _second = make_month(db)
        people = {role: make_person(db, role, name=role.value) for role in Role}
        people[COURIER] = make_clerk(db)
        parcel = make_parcel(db, waybill="78005001", at_hub=False)
        tell(db, parcel.parcel_no, EventKind.ARRIVED_AT_STATION)
        stations.attach_keeper(db, person_id=people[KEEPER].id, station=parcel.station)
        read = intake.read_file(
            write_csv(tmp_path, [HEAD, daily_row("78006001")]),
            name="日单.csv",
            places=stations.list_stations(db),
        )
        file_id = intake.store_file(db, carrier="中通", read=read, person_id=first.id, actor=ROBOT, now=NOW)
        statement_id = make_statement(db, person_id=first.id, period="2026-09")
    facts = {
        "<uuid:file_id>": str(file_id),
        "<parcel_no>": parcel.parcel_no,
        "<uuid:statement_id>": str(statement_id),
        "<period>": PERIOD,
    }
    return web_app, people, facts


def fill(rule, facts):
    for place, value in facts.items():
        rule = rule.replace(place, value)
    return rule


def ask(client, method, path):
    return client.open(path, method=method, data={} if method == "POST" else None)


def everything():
    """What a refused request must not change."""
    with database.reading() as db:
        return (
            parcels.list_parcels(db, limit=None),
            intake.list_files(db),
            settlements.list_statements(db),
            netting.list_periods(db),
            jobs.list_jobs(db),
        )


def test_matrix_names_every_route_of_the_room(web_app):
    found = {
        (method, str(rule))
        for rule in web_app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in BLUEPRINTS
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}
    }

    assert found == set(MATRIX)


@pytest.mark.parametrize("role", list(Role))
def test_role_reaches_what_the_matrix_allows_and_nothing_else(room, role):
    web_app, people, facts = room
    client = make_browser(web_app, people[role])
    before = everything()

    for (method, rule), allowed in MATRIX.items():
        status = ask(client, method, fill(rule, facts)).status_code
        if role not in allowed:
            assert status == 403, (method, rule)
        elif method == "GET":
            assert status == 200, rule
        else:
            # Reaches the form, which is empty: never forbidden.
            assert status not in (401, 403), rule

    if role not in {COURIER, HUB, ADMIN}:
        assert everything() == before


def test_nobody_signed_in_is_sent_to_sign_in_and_changes_nothing(room):
    web_app, _people, facts = room
    client = web_app.test_client()
    before = everything()

    for method, rule in MATRIX:
        answer = ask(client, method, fill(rule, facts))
        expected = (303, True) if method == "GET" else (401, False)
        is_sent_on = "/sign-in" in answer.headers.get("Location", "")
        assert (answer.status_code, is_sent_on) == expected, (method, rule)
    as_json = client.get("/parcels", headers={"Accept": "application/json"})

    assert as_json.status_code == 401
    assert everything() == before


def test_form_without_csrf_token_answers_400_and_changes_nothing(room):
    web_app, people, facts = room
    clients = {role: make_browser(web_app, people[role]) for role in (HUB, ADMIN, KEEPER)}
    web_app.config["WTF_CSRF_ENABLED"] = True
    before = everything()

    for (method, rule), allowed in MATRIX.items():
        if method == "POST":
            client = next(clients[role] for role in clients if role in allowed)
            assert ask(client, method, fill(rule, facts)).status_code == 400, rule

    assert everything() == before


def test_other_carriers_things_answer_404_to_a_courier_clerk(room):
    web_app, _people, facts = room
    with database.transaction() as db:
        other = make_clerk(db, carrier="圆通")
    client = make_browser(web_app, other)
    before = everything()

    answers = {
        (method, rule): ask(client, method, fill(rule, facts)).status_code
        for (method, rule), allowed in MATRIX.items()
        if COURIER in allowed and "<" in rule and "<period>" not in rule
    }

    assert set(answers.values()) == {404}
    assert len(answers) == 6
    assert everything() == before


def test_courier_clerk_of_no_carrier_sees_and_changes_nothing(room):
    web_app, _people, facts = room
    with database.transaction() as db:
        lost = make_person(db, COURIER)
    client = make_browser(web_app, lost)
    before = everything()

    for method, rule in (
        ("GET", "/intake"), ("POST", "/intake"), ("GET", "/parcels"), ("GET", "/parcels/export"),
        ("POST", "/feeds"), ("GET", "/statements"), ("POST", "/statements"), ("GET", "/settlement/<period>"),
    ):  # fmt: skip
        assert ask(client, method, fill(rule, facts)).status_code == 404, (method, rule)

    assert everything() == before


def test_auditor_who_is_also_a_clerk_writes_for_the_own_carrier_only(room, tmp_path):
    web_app, people, facts = room
    with database.transaction() as db:
        both = make_person(db, COURIER, AUDITOR)
        make_carrier(db, "申通")
        own = carriers.get_carrier(db, name="申通")
        carriers.attach_clerk(db, person_id=both.id, carrier_id=own.id, actor=ROBOT, now=NOW)
    client = make_browser(web_app, both)

    seen = client.get(fill("/intake/<uuid:file_id>", facts)).status_code
    taken = client.post(fill("/intake/<uuid:file_id>/take-in", facts)).status_code
    content = write_csv(tmp_path, [HEAD, daily_row("78007001")])
    with content.open("rb") as file:
        sent = client.post("/intake", data={"carrier": "中通", "file": (file, "日单.csv")})

    assert (seen, taken, sent.status_code) == (200, 404, 303)
    with database.reading() as db:
        assert parcels.known_waybills(db, carrier="中通", waybills=["78006001"]) == []
        assert [each.carrier for each in intake.list_files(db, carrier="申通")] == ["申通"]
