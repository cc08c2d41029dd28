"""Breaches of the house, planted on purpose: each is caught, and by the rule that is meant for it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import codes, floor_rules, value_rules, writing_rules
from tests.house.reading import ROOMS, ROOT, RULES, Source

assert floor_rules and value_rules and writing_rules  # importing them registers their rules

SAID = '"""A planted file."""\n'

# (rule that must catch it, path, text)
PLANTS = [
    ("clock", "shop/orders/pages.py", "from datetime import datetime\nmade_at = datetime.now()\n"),
    ("clock", "county/ledger/jobs.py", "import datetime as dt\ntoday = dt.date.today()\n"),
    ("clock", "shop/orders/service.py", "from county import clock\ndef _pay():\n    return clock.now()\n"),
    ("pure", "shop/orders/rules.py", "from sqlalchemy import select\n"),
    ("pure", "livestream/roster/types.py", "import flask\n"),
    ("rows-stay-home", "shop/payouts/service.py", "from shop.orders.tables import OrderRow\n"),
    ("rows-stay-home", "shop/orders/pages.py", "from shop.orders import store\n"),
    ("floors", "logistics/parcels/service.py", "from shop.payouts import service as payouts\n"),
    ("floors", "county/web/extra.py", "import app\n"),
    ("edge-ends-it", "shop/orders/service.py", "def _record(db):\n    db.commit()\n"),
    ("edge-opens-it", "shop/orders/service.py", "from county import database\ndatabase.transaction()\n"),
    ("no-network-below", "shop/orders/store.py", "import httpx\n"),
    (
        "no-call-inside",
        "shop/orders/jobs.py",
        "import requests\nfrom county import database\n"
        "def _send():\n    with database.transaction() as db:\n        requests.post('x')\n",
    ),
    (
        "no-call-inside",
        "shop/aftersales/jobs.py",
        "from county.database import in_transaction\n"
        "def _send(gateway):\n    def work(db):\n        return gateway.refund(1)\n    in_transaction(work)",
    ),
    ("no-float-columns", "shop/orders/tables.py", "from sqlalchemy import Numeric\nprice = Numeric(10, 2)\n"),
    ("no-float-columns", "shop/lots/tables.py", "class _A:\n    price: 'x'\n    total = Mapped[float]\n"),
    ("whole-fen", "shop/orders/rules.py", "def _fee(total_fen: float): ...\n"),
    ("whole-fen", "shop/orders/service.py", "fee_fen = order.total_fen * 0.05\n"),
    ("bound-sql", "shop/search/store.py", "db.execute(text(f'SELECT * FROM t WHERE name = {name}'))\n"),
    ("bound-sql", "shop/search/store.py", "db.execute('SELECT * FROM t ORDER BY ' + column)\n"),
    ("named-moves", "shop/orders/service.py", "order.state = OrderState.PAID\n"),
    ("narrow-except", "shop/orders/service.py", "try:\n    pay()\nexcept Exception:\n    pass\n"),
    ("narrow-except", "shop/orders/service.py", "try:\n    pay()\nexcept:\n    stop()\n"),
    ("parses", "shop/orders/service.py", "def _broken(:\n"),
    ("file-size", "shop/orders/service.py", "x = 1\n" * 401),
    ("file-size", "templates/shop/orders/order.html", "<p>\n" * 301),
    ("function-size", "shop/orders/service.py", "def _long():\n" + "    x = 1\n" * 61),
    ("said-function", "shop/orders/service.py", "def place_order(db):\n    return db\n"),
    ("named-things", "shop/orders/utils.py", "x = 1\n"),
    ("named-things", "shop/orders/tables.py", "class OrderRow:\n    __tablename__ = 'shop_orders'\n"),
    ("named-things", "shop/orders/tables.py", "class Order:\n    __tablename__ = 'shop_order'\n"),
    ("named-things", "shop/a/store.py", "from sqlalchemy.orm import Session\ndef _a(session: Session): 1\n"),
    ("named-facts", "tests/rules/test_x.py", "def test_refund():\n    assert True\n"),
    ("nothing-put-off", "tests/rules/test_x.py", "import pytest\npytest.skip('later')\n"),
    ("nothing-put-off", "tests/rules/test_x.py", "import time\ntime.sleep(1)\n"),
    ("allowed", "shop/orders/pages.py", "@pages.get('/orders')\ndef _orders():\n    return ''\n"),
    (
        "allowed",
        "shop/orders/pages.py",
        "from county import database\nfrom county.web import PUBLIC, allow\n@pages.get()\n@allow(PUBLIC)\n"
        "def _look():\n    with database.transaction() as db:\n        change(db)\n",
    ),
    ("escaped", "templates/shop/orders/order.html", "<p>{{ name | safe }}</p>\n"),
    ("escaped", "shop/orders/pages.py", "from markupsafe import Markup\nx = Markup(name)\n"),
    ("says-nothing-private", "docs/running.md", "see /wo" "rk/main\n"),
    ("says-nothing-private", "run.py", "INDEX = 'https://pypi." "org/simple'\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "path", "text"), PLANTS)
def test_planted_breach_is_caught_by_its_rule_alone(name: str, path: str, text: str) -> None:
    source = Source(path, SAID + text if path.endswith(".py") else text)

    caught = {each.name for each in RULES.values() if each.findings(source)}

    assert caught == {name}


def test_planted_module_without_docstring_is_caught() -> None:
    findings = RULES["said-module"].findings(Source("shop/orders/types.py", "x = 1\n"))

    assert [str(each) for each in findings] == ["shop/orders/types.py:1: [said-module] no docstring"]


def test_every_rule_has_a_plant() -> None:
    assert {name for name, _, _ in PLANTS} | {"said-module"} == set(RULES)


def test_savepoints_protocols_and_conversions_are_no_breach() -> None:
    sources = [
        Source(
            "shop/orders/service.py", SAID + "with db.begin_nested() as attempt:\n    attempt.rollback()\n"
        ),
        Source(
            "shop/orders/types.py",
            SAID
            + "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from sqlalchemy.orm import Session\n",
        ),
        Source("shop/orders/rules.py", SAID + "from county import clock\nx = clock.county_day(at)\n"),
    ]

    assert [
        str(each) for source in sources for rule in RULES.values() for each in rule.findings(source)
    ] == []


def test_planted_refusal_missing_from_the_document_is_caught() -> None:
    text = "class Gone(Refused):\n    code = 'gone'\n    says = N_('It is gone.')\n    status = 410\n"

    found = list(codes.codes_in(Source("shop/orders/types.py", SAID + text)))

    assert [(each.code, each.status, each.says) for each in found] == [("gone", 410, "It is gone.")]
    assert codes.document(codes.all_codes()) != codes.document([*codes.all_codes(), *found])


def test_planted_unlisted_code_in_an_answer_is_caught() -> None:
    source = Source("shop/orders/api.py", SAID + "x = {'code': 'made_up', 'message': 'no'}\n")

    assert list(codes.literal_codes_in(source)) == [(2, "made_up")]


# (contract that must break, file, line added)
KNOTS = {
    "Call down, announce up": ("county/money.py", "import shop.wiring"),
    "Inside a feature: edges, service, store, tables, rules, types": (
        "county/people/rules.py",
        "from county.people import service",
    ),
    "Rules and types are pure Python": ("county/people/types.py", "import sqlalchemy"),
    "Only stores and services read rows": ("county/people/pages.py", "import county.people.tables"),
    "Services, stores and rules do not know the web or the scheduler": (
        "county/people/service.py",
        "import flask",
    ),
    "Money moves only through the ledger service": (
        "county/outbox/service.py",
        "import county.ledger.tables",
    ),
    "Only the gateway adapter speaks to Alipay": ("county/people/forms.py", "import alipay"),
    "Only solver files import pyvrp": ("logistics/allocation/service.py", "import pyvrp"),
    "No cycles between features": ("county/places/service.py", "import county.people.service"),
}


def test_planted_imports_break_their_contracts(tmp_path: Path) -> None:
    for name in ROOMS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path, line in KNOTS.values():
        with open(tmp_path / path, "a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    words = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]

    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    kept = [name for name in KNOTS if f"{name} BROKEN" not in " ".join(done.stdout.split())]
    assert kept == [], done.stdout
