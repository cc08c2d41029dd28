"""House rules about how things are written: sizes, names, docstrings, templates, views, private words."""

import ast
import re
from collections.abc import Iterator

from tests.house.reading import Source, product, python, rule

Found = Iterator[tuple[int, str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef

FILE_LINES, FUNCTION_LINES, TEMPLATE_LINES = 400, 60, 300
DRAWERS = {"utils", "util", "helpers", "helper", "manager", "managers", "data", "info", "misc", "common"}
HTTP_VERBS = {"get", "post", "put", "patch", "delete", "route"}
BLUEPRINTS = ("pages", "api", "app", "blueprint")
_FACT = re.compile(r"test(_[a-z0-9]+){3,}")
_TABLE = re.compile(r"(county|logistics|shop|livestream)(_[a-z0-9]+)+")
_PLURAL = re.compile(r"(?<![sui])s$")
# Put together so that this file does not hold what it looks for.
_ADDRESSES = re.compile(
    "|".join(
        a + b
        for a, b in (
            ("/wo", "rk/"),
            ("/ro", "ot/"),
            ("/ho", "me/[a-z]"),
            ("/op", "t/(wheels|pypi)"),
            ("files.python", "hosted"),
            ("pypi.", "org/simple"),
            ("registry.npm", "js"),
            ("--index-", "url[ =]http"),
            ("/sha", "red/[A-Z]"),
        )
    )
)


def _template(source: Source) -> bool:
    return source.path.startswith("templates/")


@rule(
    "file-size",
    "a file has one idea: at most 400 lines, a template 300",
    lambda s: s.is_python or _template(s),
)
def is_long(source: Source) -> Found:
    """Find files of more than twice the comfortable size."""
    most = FILE_LINES if source.is_python else TEMPLATE_LINES
    # A migration is a record of what was done, not something to read as one idea.
    if not source.path.startswith("migrations/versions/") and len(source.text.splitlines()) > most:
        yield 1, f"{len(source.text.splitlines())} lines; split it by idea"


@rule("parses", "every file of Python can be read", python)
def cannot_be_read(source: Source) -> Found:
    """Find files with a syntax error; the other rules leave them out."""
    if not source.parses:
        yield 1, "a syntax error"


@rule("function-size", "a function has one idea: at most 60 lines besides its docstring", python)
def has_long_functions(source: Source) -> Found:
    """Find functions of more than twice the comfortable size."""
    for node in _functions(source):
        first = node.body[0]
        docstring = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(node) else 0
        lines = (node.end_lineno or 0) - node.lineno + 1 - docstring
        if lines > FUNCTION_LINES:
            yield node.lineno, f"{node.name} has {lines} lines"


@rule("said-module", "every module says in one sentence what it is for", python)
def lacks_module_docstring(source: Source) -> Found:
    """Find modules without a docstring."""
    if not ast.get_docstring(source.tree):
        yield 1, "no docstring"


@rule("said-function", "every public function says what it will do", product)
def lacks_docstrings(source: Source) -> Found:
    """Find public functions, and public methods of classes that override nothing, without a docstring."""
    for node in _functions(source):
        parent = node.parent  # type: ignore[union-attr]
        in_class = isinstance(parent, ast.ClassDef) and not parent.name.startswith("_") and not parent.bases
        if not (isinstance(parent, ast.Module) or in_class) or node.name.startswith("_"):
            continue
        if not (ast.get_docstring(node) or "")[:1].isupper():
            yield node.lineno, f"{node.name} has no docstring that begins with a capital"


@rule(
    "named-things",
    "no drawers; `session` is a livestream session; tables are room_thing, rows end in Row",
    python,
)
def has_bad_names(source: Source) -> Found:
    """Find names that the house does not use."""
    if source.is_product and DRAWERS & set(source.parts):
        yield 1, f"{source.path} is a drawer, not a name"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.arg) and node.arg == "session" and node.annotation is not None:
            if source.dotted(node.annotation).startswith("sqlalchemy.orm"):
                yield node.lineno, "a database session is called `db`"
        elif isinstance(node, ast.ClassDef) and source.is_product:
            yield from _bad_table(source, node)


@rule(
    "named-facts",
    "the name of a test states a fact in at least three words",
    lambda s: s.is_test and s.is_python,
)
def has_nameless_tests(source: Source) -> Found:
    """Find tests whose name says too little."""
    for node in _functions(source):
        if node.name.startswith("test") and not _FACT.fullmatch(node.name):
            yield node.lineno, node.name


@rule("nothing-put-off", "no test is skipped or expected to fail, no sleep, no TODO without an issue", python)
def puts_off(source: Source) -> Found:
    """Find skips, sleeps in tests, and work noted without an issue number."""
    # These need a browser, network namespaces, Node, hledger or a registry; under CI a skip fails the run.
    may_skip = source.path.startswith(
        (
            "tests/browser/",
            "tests/gateways/test_official_sdk.py",
            "tests/gateways/test_python_alipay.py",
            "tests/gateways/test_node_alipay.py",
            "tests/services/ledger/test_ledger_export.py",
        )
    )
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute | ast.Name) and source.is_test:
            name = source.dotted(node)
            skips = name in ("pytest.skip", "pytest.importorskip") or name.startswith(
                ("pytest.mark.skip", "pytest.mark.xfail", "pytest.xfail")
            )
            if name == "time.sleep" or (skips and not may_skip):
                yield node.lineno, name
    for number, line in enumerate(source.text.splitlines(), 1):
        if re.search(r"#.*\bTO" r"DO\b(?!.*#\d)", line):
            yield number, line.strip()


def _has_visitors(source: Source) -> bool:
    # The simulator stands for Alipay: a program outside, without our people and roles.
    return source.is_product and not source.path.startswith("county/payments/simulator/")


@rule("allowed", "every route declares who may use it", _has_visitors)
def has_open_routes(source: Source) -> Found:
    """Find views without @allow, and GET views that change something."""
    for node in _functions(source):
        verbs = {
            each.func.attr
            for each in node.decorator_list
            if isinstance(each, ast.Call)
            and isinstance(each.func, ast.Attribute)
            and each.func.attr in HTTP_VERBS
            if isinstance(each.func.value, ast.Name)
            and each.func.value.id in ("pages", "api", "app", "blueprint")
        }
        if not verbs:
            continue
        names = {
            source.dotted(each.func if isinstance(each, ast.Call) else each) for each in node.decorator_list
        }
        if not any(name.split(".")[-1] == "allow" for name in names):
            yield node.lineno, f"view {node.name} without @allow"
        called = {source.dotted(each.func) for each in ast.walk(node) if isinstance(each, ast.Call)}
        changes = called & {
            "county.database.transaction",
            "county.database.in_transaction",
            "county.web.once_page",
        }
        if verbs == {"get"} and changes:
            yield node.lineno, f"view {node.name}: GET changes something ({', '.join(sorted(changes))})"


@rule("escaped", "nothing switches escaping off", lambda s: _template(s) or s.is_product)
def switches_escaping_off(source: Source) -> Found:
    """Find |safe, autoescape blocks, and Markup of anything but a constant."""
    if source.is_python:
        for node, name in source.calls:
            if name.split(".")[-1] == "Markup" and node.args and not isinstance(node.args[0], ast.Constant):
                yield node.lineno, ast.unparse(node)[:60]
        return
    for number, line in enumerate(source.text.splitlines(), 1):
        if re.search(r"\|\s*safe\b|autoescape\s+false", line):
            yield number, line.strip()[:80]


@rule("says-nothing-private", "nothing committed names a registry or a path of one machine", lambda s: True)
def names_machines(source: Source) -> Found:
    """Find addresses of registries and paths that exist on one machine only."""
    for number, line in enumerate(source.text.splitlines(), 1):
        if found := _ADDRESSES.search(line):
            yield number, found[0]


def _functions(source: Source) -> Iterator[Function]:
    for node in ast.walk(source.tree):
        if isinstance(node, Function):
            yield node


def _bad_table(source: Source, node: ast.ClassDef) -> Found:
    for each in node.body:
        if not (isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "__tablename__"):
            continue
        name = ast.literal_eval(each.value) if isinstance(each.value, ast.Constant) else ""
        if not _TABLE.fullmatch(name) or not name.startswith(source.parts[0] + "_") or _PLURAL.search(name):
            yield each.lineno, f"table {name!r}: expected {source.parts[0]}_thing, singular"
        if not node.name.endswith("Row"):
            yield node.lineno, f"{node.name}: a row class ends in Row"
