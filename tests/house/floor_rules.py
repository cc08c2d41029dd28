"""House rules about who may call whom: floors, clock, transactions, network."""

import ast
import tomllib
from collections.abc import Iterator

from tests.house.reading import EDGES, ROOMS, ROOT, Source, enclosing_functions, product, python, rule

Found = Iterator[tuple[int, str]]

CLOCKS = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime",
}  # fmt: skip
STOPWATCHES = {
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
    "time.process_time",
}
NETWORK = (
    "requests",
    "httpx",
    "urllib.request",
    "urllib3",
    "http.client",
    "socket",
    "smtplib",
    "ftplib",
    "alipay",
)
TRANSACTIONS = ("county.database.transaction", "county.database.reading")
# Parts of a service under a better name: they stand, with their reason, in the contract `rows-stay-home`.
NAMED_KEEPERS = frozenset(
    importer
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    if contract["id"] == "rows-stay-home"
    for importer in contract["allowed_importers"]
    if "*" not in importer
)
UNITS = ("county.database.in_transaction", "county.web.once", "county.web.once_page")


@rule("clock", "time is read in county/clock.py only", python)
def reads_clock(source: Source) -> Found:
    """Find calls that read the machine's clock."""
    if source.path == "county/clock.py":
        return
    stopwatch = source.is_product and source.path != "run.py"
    for node, name in source.calls:
        if name in CLOCKS or (stopwatch and name in STOPWATCHES):
            yield node.lineno, f"{name}() outside county/clock.py"
        elif name == "county.clock.now" and source.is_shelf(
            "types", "rules", "tables", "store", "service", "solver"
        ):
            yield node.lineno, f"clock.now() in {source.shelf}: edges read the clock and pass `now`"


@rule(
    "pure",
    "rules and types import no web, database, clock or network",
    lambda s: s.is_shelf("rules", "types"),
)
def imports_impure(source: Source) -> Found:
    """Find imports that rules.py and types.py must not have."""
    banned = ("flask", "werkzeug", "sqlalchemy", "apscheduler", "county.database", "county.web", *NETWORK)
    for node, name in source.imports:
        # A Protocol of types.py may name the database session, which then is only an annotation.
        if name == "sqlalchemy.orm.Session" and source.is_shelf("types") and _for_type_checking(node):
            continue
        if any(name == each or name.startswith(each + ".") for each in banned):
            yield node.lineno, f"imports {name}"
    # county.clock also holds pure conversions (the county day of an instant); its readings are banned.
    for call, name in source.calls:
        if name in ("county.clock.now", "county.clock.monotonic_s", "county.clock.move"):
            yield call.lineno, f"calls {name}"


def _for_type_checking(node: ast.AST) -> bool:
    parent = getattr(node, "parent", None)
    return isinstance(parent, ast.If) and ast.unparse(parent.test).endswith("TYPE_CHECKING")


@rule("rows-stay-home", "only a feature's own store and service touch its tables", product)
def imports_foreign_rows(source: Source) -> Found:
    """Find imports of tables or a store from outside, or from a wrong place inside, the feature."""
    for node, name in source.imports:
        parts = name.split(".")
        if parts[0] not in ROOMS or len(parts) < 3:
            continue
        place = parts[2]
        if not (place in ("tables", "store") or place.startswith(("tables_", "store_"))):
            continue
        if source.feature != tuple(parts[:2]):
            yield node.lineno, f"imports {name} of another feature"
        elif ".".join(source.parts) not in NAMED_KEEPERS and not source.is_shelf(
            "tables", "store", "service"
        ):
            yield node.lineno, f"{source.shelf} imports {name}"


@rule("floors", "livestream → shop → logistics → county, and nobody imports app", python)
def imports_upward(source: Source) -> Found:
    """Find imports from a room above, or of the front door."""
    for node, name in source.imports:
        top = name.split(".")[0]
        if top == "app" and source.is_product:
            yield node.lineno, "imports the front door"
        elif source.parts[0] in ROOMS and top in ROOMS and ROOMS.index(top) > ROOMS.index(source.parts[0]):
            yield node.lineno, f"{source.parts[0]} imports {name} from above"


@rule("edge-ends-it", "commit and rollback happen in edges and county.database only", product)
def commits(source: Source) -> Found:
    """Find commits and rollbacks below the edges."""
    if source.path == "county/database.py" or source.is_shelf(*EDGES):
        return
    savepoints = set(_savepoints(source))
    for node, _ in source.calls:
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in ("commit", "rollback"):
            continue
        if ast.unparse(node.func.value) not in savepoints:
            yield node.lineno, f".{node.func.attr}() below the edge"


def _savepoints(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.withitem) and node.optional_vars is not None:
            value, target = node.context_expr, node.optional_vars
        elif isinstance(node, ast.Assign):
            value, target = node.value, node.targets[0]
        else:
            continue
        if ast.unparse(value).endswith(".begin_nested()"):
            yield ast.unparse(target)


@rule("edge-opens-it", "services, stores and rules open no transaction", lambda s: bool(s.feature))
def opens_transaction(source: Source) -> Found:
    """Find transactions opened below the edges."""
    if not source.is_shelf("types", "rules", "tables", "store", "service", "solver"):
        return
    for node, name in source.calls:
        if name in TRANSACTIONS or name in UNITS[:1]:
            yield node.lineno, f"{name} in {source.shelf}"


@rule("no-network-below", "services, stores, rules and types have no network", lambda s: bool(s.feature))
def imports_network(source: Source) -> Found:
    """Find network libraries below the gateway."""
    if not source.is_shelf("types", "rules", "tables", "store", "service", "solver"):
        return
    for node, name in source.imports:
        if any(name == each or name.startswith(each + ".") for each in NETWORK):
            yield node.lineno, f"imports {name}"


@rule("no-call-inside", "nothing outside is called while a transaction is open", product)
def calls_inside_transaction(source: Source) -> Found:
    """Find network calls that stand, by the text, inside a transaction."""
    units = _unit_names(source)
    for node, name in source.calls:
        if not _is_network(source, node, name):
            continue
        if _inside_with(source, node) or any(
            getattr(each, "name", None) in units or _is_unit_argument(source, each)
            for each in enclosing_functions(node)
        ):
            yield node.lineno, f"{name or ast.unparse(node.func)}() inside a transaction"


def _unit_names(source: Source) -> set[str]:
    return {
        argument.id
        for node, name in source.calls
        if name in UNITS
        for argument in node.args[:1]
        if isinstance(argument, ast.Name)
    }


def _is_unit_argument(source: Source, function: ast.AST) -> bool:
    parent = getattr(function, "parent", None)
    return isinstance(parent, ast.Call) and source.dotted(parent.func) in UNITS


def _is_network(source: Source, node: ast.Call, name: str) -> bool:
    if any(name == each or name.startswith(each + ".") for each in NETWORK):
        return True
    # A gateway object or a module of that name: verbs call out, parsing and signing do not.
    if not isinstance(node.func, ast.Attribute) or not node.func.attr.islower():
        return False
    holder = ast.unparse(node.func.value).split(".")[-1]
    quiet = ("parse_", "read_", "make_", "build_", "sign", "verify", "is_")
    return holder in ("gateway", "alipay") and not node.func.attr.startswith(quiet)


def _inside_with(source: Source, node: ast.AST) -> bool:
    while (node := getattr(node, "parent", None)) is not None:  # type: ignore[assignment]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return False
        if isinstance(node, ast.With):
            opened = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
            if any(source.dotted(each.func) in TRANSACTIONS for each in opened):
                return True
    return False
