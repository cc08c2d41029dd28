"""Who may call which route: the table here is written by hand and compared with the application's."""

import re

import pytest

from county import database
from county.people.types import Role
from county.web.cli import route_lines
from shop.catalogue import service as catalogue
from tests.makers.shop import make_card, make_grower, make_product
from tests.makers.web import headers, make_browser

EVERYBODY = ",".join(f"{role}:own" for role in Role)
ASSOCIATION = "association_admin,auditor"
# Routes of the ground floor, the shop and the livestream room; logistics keeps its own table.
TABLE = f"""
GET / public
GET /account-statements {ASSOCIATION}
GET /account-statements/<uuid:person_id> farmer:own,streamer:own,{ASSOCIATION}
POST /account-statements/<uuid:person_id>/<month>/<any(csv, xlsx):form> farmer:own,streamer:own,{ASSOCIATION}
GET /account-statements/cooperative {ASSOCIATION}
POST /account-statements/cooperative/<month>/<any(csv, xlsx):form> {ASSOCIATION}
GET /account-statements/mine farmer:own,streamer:own
POST /accounts association_admin
GET /accounts {ASSOCIATION}
POST /accounts/<uuid:account_id>/<any(confirm, reject):act> association_admin
POST /accounts/<uuid:account_id>/number association_admin
POST /act-for village_agent
GET /aftersales {ASSOCIATION}
GET /aftersales/<claim_no> {ASSOCIATION}
POST /aftersales/<claim_no>/<any(approve, refuse, receive, retry, liability):act> association_admin
GET /api/v1/claims/<claim_no> buyer:own
POST /api/v1/claims/pictures buyer:own
GET /api/v1/me {EVERYBODY}
GET /api/v1/orders buyer:own
POST /api/v1/orders buyer:own
GET /api/v1/orders/<order_no> buyer:own
POST /api/v1/orders/<order_no>/cancel buyer:own
POST /api/v1/orders/<order_no>/claims buyer:own
GET /api/v1/products public
GET /api/v1/products/<uuid:product_id> public
POST /api/v1/sign-in public
POST /api/v1/sign-out {EVERYBODY}
GET /bank {ASSOCIATION}
POST /bank/<any(in, out):way> association_admin
POST /bank/<uuid:line_id>/reverse association_admin
GET /cart buyer:own
POST /cart buyer:own
POST /cart/change buyer:own
GET /checkout buyer:own
POST /checkout buyer:own
GET /checkout/<checkout_no> buyer:own
POST /checkout/<checkout_no>/qr buyer:own
GET /claims/<claim_no> buyer:own
POST /claims/<claim_no>/<any(withdraw, appeal, send_back):act> buyer:own
GET /commissions streamer:own
POST /consents/<uuid:consent_id>/withdraw farmer:own
GET /files/<uuid:picture_id>-<int:width>.webp public
GET /healthz public
GET /income-report {ASSOCIATION}
POST /income-report/<quarter>/<any(csv, xlsx):form> {ASSOCIATION}
GET /live public
GET /live/<uuid:session_id> public
GET /live/<uuid:session_id>/state public
GET /lots {ASSOCIATION}
GET /lots/<lot_no> {ASSOCIATION}
POST /lots/<lot_no>/stop association_admin
GET /me {EVERYBODY}
GET /metrics public
GET /money farmer:own
GET /money/account farmer:own,streamer:own
POST /money/account farmer:own,streamer:own
GET /my-payments streamer:own,farmer:own,courier_clerk:own
POST /notices/read {EVERYBODY}
GET /openapi.json public
GET /orders buyer:own
GET /orders/<order_no> buyer:own
POST /orders/<order_no>/cancel buyer:own
GET /orders/<order_no>/claim/<int:position> buyer:own
GET /orders/<order_no>/claim/<int:position>/<any(spoiled, refund_only, return):kind> buyer:own
POST /orders/<order_no>/claim/<int:position>/<any(spoiled, refund_only, return):kind> buyer:own
POST /orders/<order_no>/claim/<int:position>/<any(spoiled, refund_only, return):kind>/send buyer:own
GET /packing farmer:own
GET /packing/<order_no> farmer:own
POST /packing/<order_no> farmer:own
POST /papers association_admin
GET /papers {ASSOCIATION}
POST /papers/<uuid:paper_id>/void association_admin
POST /papers/files association_admin
POST /papers/files/<uuid:file_id> association_admin
GET /papers/files/<uuid:file_id> {ASSOCIATION}
POST /papers/slips/<slip_no>/correct association_admin
GET /papers/slips/<uuid:grower_id> {ASSOCIATION}
GET /papers/template {ASSOCIATION}
POST /pay-runs association_admin
GET /pay-runs {ASSOCIATION}
GET /pay-runs/<run_no> {ASSOCIATION}
POST /pay-runs/<run_no>/<any(confirm, export, send):step> association_admin
POST /pay-runs/<run_no>/answer association_admin
POST /pay-runs/<run_no>/cancel association_admin
POST /pay-runs/<run_no>/file/<any(csv, xlsx):form> association_admin
POST /pay-runs/items/<item_no>/retry association_admin
GET /pay/alipay/notify public
POST /pay/alipay/notify public
GET /pay/alipay/return public
POST /payments/tasks association_admin
GET /payments/tasks {ASSOCIATION}
GET /products/<uuid:product_id> public
GET /readyz public
GET /return-addresses {ASSOCIATION}
GET /return-addresses/<uuid:seller_id> association_admin
POST /return-addresses/<uuid:seller_id> association_admin
GET /sell farmer:own
GET /sell/<uuid:product_id> farmer:own
POST /sell/<uuid:product_id>/<any(withdraw, relist):change> farmer:own
POST /sell/<uuid:product_id>/freight farmer:own
POST /sell/<uuid:product_id>/price farmer:own
GET /sell/claims farmer:own
GET /sell/claims/<claim_no> farmer:own
POST /sell/claims/<claim_no>/<any(approve, refuse, receive, dispute):act> farmer:own
GET /sell/live farmer:own
GET /sell/live/new farmer:own
POST /sell/live/new farmer:own
GET /sell/lots farmer:own
POST /sell/lots farmer:own
GET /sell/lots/<lot_no> farmer:own
GET /sell/new farmer:own
POST /sell/new farmer:own
GET /sessions {ASSOCIATION}
GET /sessions/<uuid:session_id> {ASSOCIATION}
POST /sessions/<uuid:session_id>/cancel association_admin
POST /sessions/<uuid:session_id>/confirm association_admin
GET /settings/look public
POST /settings/look public
GET /sign-in public
POST /sign-in public
POST /sign-in/code public
POST /sign-out {EVERYBODY}
GET /studio streamer:own
GET /studio/<uuid:session_id> streamer:own
POST /studio/<uuid:session_id>/<any(begin, end):step> streamer:own
POST /studio/<uuid:session_id>/pin streamer:own
POST /studio/<uuid:session_id>/say streamer:own
"""


def table():
    """Read the table: method, path, roles that may (without `:own`), or `public`."""
    for line in TABLE.strip().splitlines():
        method, rest = line.split(" ", 1)
        path, allowed = rest.rsplit(" ", 1)
        yield method, path, allowed


def plain(path):
    """Put something into the places of a path."""
    nothing = "00000000-0000-4000-8000-000000000000"
    path = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", path).replace("<int:width>", "480")
    path = re.sub(r"<int:\w+>", "0", re.sub(r"<uuid:\w+>", nothing, path))
    return re.sub(r"<\w+>", "X1", path)


def of_other_floors(app):
    """List the paths of routes that logistics brings."""
    return {
        rule.rule
        for rule in app.url_map.iter_rules()
        if app.view_functions[rule.endpoint].__module__.startswith("logistics.")
    }


def test_routes_are_open_to_exactly_the_roles_of_the_table(web_app):
    others = of_other_floors(web_app)

    found = {tuple(line.split("\t")) for line in route_lines(web_app)}

    assert {each for each in found if each[1] not in others} == set(table())


def test_nobody_signed_in_reaches_a_route_that_is_not_public(web_app):
    client = web_app.test_client()
    for method, path, allowed in table():
        answer = client.open(plain(path), method=method)
        if allowed == "public":
            # An empty sign-in is a wrong one.
            may = (401,) if path.endswith("/sign-in") and method == "POST" else ()
            assert answer.status_code not in {401, 403, 500} - {*may}, (method, path)
        elif path.startswith("/api/"):
            assert (answer.status_code, answer.json["code"]) == (401, "sign_in_needed"), (method, path)
        elif method == "GET":
            assert answer.status_code == 303, (method, path)
            assert answer.headers["Location"].startswith("/sign-in?next="), (method, path)
        else:
            assert answer.status_code == 401, (method, path)


def test_wrong_role_is_refused_and_right_role_is_let_in(web_app, everyone):
    for role, person in everyone.items():
        browser = make_browser(web_app, person)
        asked = headers(person)
        for method, path, allowed in table():
            if allowed == "public" or path.endswith("/sign-out"):
                continue
            is_api = path.startswith("/api/")
            client = web_app.test_client() if is_api else browser
            answer = client.open(plain(path), method=method, headers=asked if is_api else {})
            may = str(role) in allowed.replace(":own", "").split(",")
            if may:
                assert answer.status_code not in (401, 403, 500), (role, method, path)
            else:
                assert answer.status_code == 403, (role, method, path)


def test_table_covers_every_role():
    named = {role for _method, _path, allowed in table() for role in allowed.replace(":own", "").split(",")}

    assert named == {str(role) for role in Role} | {"public"}


# A notice is signed; the look of pages is a cookie of the visitor's own.
PROVED_OTHERWISE = ("/pay/alipay/notify", "/settings/look")


@pytest.fixture
def with_csrf(web_app):
    """Turn the check of CSRF tokens on."""
    web_app.config["WTF_CSRF_ENABLED"] = True
    return web_app


def test_form_without_csrf_token_is_refused_and_changes_nothing(with_csrf, everyone):
    with database.transaction() as db:
        make_card(db)
        tea = make_product(db, grower=make_grower(db))
    forms = [
        (path, allowed)
        for method, path, allowed in table()
        if method == "POST" and not path.startswith("/api/") and path not in PROVED_OTHERWISE
    ]

    for path, allowed in forms:
        role = next(
            (role for role in Role if str(role) in allowed.replace(":own", "").split(",")), Role.BUYER
        )
        browser = make_browser(with_csrf, everyone[role])
        answer = browser.post(plain(path), data={"form_token": "x", "sku_id": str(tea.skus[0].sku_id)})
        assert answer.status_code == 400, path
        assert browser.get("/me").status_code == 200, path

    with database.reading() as db:
        assert catalogue.get_product(db, product_id=tea.product_id) == tea
    browser = make_browser(with_csrf, everyone[Role.BUYER])
    page = browser.get(f"/products/{tea.product_id}").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    right = {"csrf_token": token, "sku_id": str(tea.skus[0].sku_id), "quantity": "1"}
    assert browser.post("/cart", data=right).status_code == 303
    other = make_browser(with_csrf, everyone[Role.BUYER])
    assert other.post("/cart", data=right).status_code == 400


def test_api_takes_no_cookie_and_pages_take_no_bearer_token(web_app, everyone):
    buyer = everyone[Role.BUYER]

    assert make_browser(web_app, buyer).get("/api/v1/me").status_code == 401
    assert web_app.test_client().get("/me", headers=headers(buyer)).status_code == 303
