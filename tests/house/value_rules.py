"""House rules about values, errors and SQL: whole fen, named states, bound parameters, narrow excepts."""

import ast
from collections.abc import Iterator

from tests.house.reading import Source, enclosing_functions, product, python, rule

Found = Iterator[tuple[int, str]]

INEXACT = {"Float", "Numeric", "REAL", "Double", "DOUBLE", "DOUBLE_PRECISION", "DECIMAL", "Decimal", "float"}
SPEAKERS = ("text", "exec_driver_sql", "execute", "executemany", "scalar", "scalars", "DDL")
# (file or folder, function or all): why. Pieces that are constants, each read by a second person.
SQL_FROM_CONSTANTS = {
    ("county/database.py", "_prepare"): "PRAGMA takes no parameters; the values stand in the loop's tuple",
    ("county/payments/simulator/database.py", "_connection"): "PRAGMA takes no parameters",
    ("county/payments/simulator/settlements.py", "query_settle"): "one of two conditions, both constants",
    ("county/payments/simulator/trades.py", "find"): "one of two conditions, both constants",
    ("county/payments/simulator/trades.py", "make"): "column names of a dictionary made by our own parser",
    ("county/payments/simulator/trades.py", "give_back"): "one of two column names, both constants",
    ("shop/search/service.py", "_find_by_grams"): "one LIKE per word; the words are bound",
    ("logistics/statements/", "*"): "DuckDB in memory; the pieces are names of ours, outside text is bound",
}


@rule(
    "no-float-columns", "no float and no Decimal in tables", lambda s: s.is_product and s.is_shelf("tables")
)
def has_float_columns(source: Source) -> Found:
    """Find inexact column types."""
    for node in ast.walk(source.tree):
        name = source.dotted(node).split(".")[-1] if isinstance(node, ast.Name | ast.Attribute) else ""
        if name in INEXACT:
            yield node.lineno, f"{name} in a table"  # type: ignore[attr-defined]


@rule("whole-fen", "money is whole fen", product)
def has_fractional_fen(source: Source) -> Found:
    """Find names ending in _fen that are, or become, fractions."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            target = node.arg if isinstance(node, ast.arg) else ast.unparse(node.target)
            if target.endswith("_fen") and {"float", "Decimal"} & _words(node.annotation):
                yield node.lineno, f"{target}: {ast.unparse(node.annotation)}"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            for one, other in ((node.left, node.right), (node.right, node.left)):
                if _is_fen(one) and isinstance(other, ast.Constant) and isinstance(other.value, float):
                    yield node.lineno, ast.unparse(node)


@rule("bound-sql", "SQL only with bound parameters", python)
def builds_sql(source: Source) -> Found:
    """Find SQL put together from pieces."""
    if not (source.is_product or source.path.startswith("migrations/")):
        return
    for node, name in source.calls:
        verb = node.func.attr if isinstance(node.func, ast.Attribute) else name.split(".")[-1]
        names = {"*", *(getattr(each, "name", "") for each in enclosing_functions(node))}
        if any(source.path.startswith(path) and name in names for path, name in SQL_FROM_CONSTANTS):
            continue
        if verb in SPEAKERS and node.args and _is_pieced(node.args[0]):
            yield node.lineno, f"{verb}({ast.unparse(node.args[0])[:60]})"


@rule("named-moves", "a state changes by the table of moves, never by assignment", product)
def assigns_state(source: Source) -> Found:
    """Find assignments of a fixed state to an attribute called state."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Assign):
            continue
        fixed = isinstance(node.value, ast.Constant) or (
            isinstance(node.value, ast.Attribute) and ast.unparse(node.value.value).endswith("State")
        )
        if fixed and any(isinstance(each, ast.Attribute) and each.attr == "state" for each in node.targets):
            yield node.lineno, ast.unparse(node)


@rule("narrow-except", "no bare except without a reason, no swallowed Exception", python)
def swallows(source: Source) -> Found:
    """Find excepts that catch everything and carry nothing on."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = {"BaseException"} if node.type is None else _words(node.type)
        if node.type is None and "#" not in source.line(node.lineno):
            yield node.lineno, "bare except without a reason"
        elif caught & {"Exception", "BaseException"} and all(map(_is_nothing, node.body)):
            yield node.lineno, "except Exception that carries nothing on"


def _words(node: ast.AST) -> set[str]:
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return names | {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}


def _is_fen(node: ast.AST) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name.endswith("_fen")


def _is_pieced(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(each, ast.FormattedValue) for each in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        sides = (node.left, node.right)
        constant = all(isinstance(each, ast.Constant) for each in sides)
        return not constant and any(
            isinstance(each, ast.JoinedStr)
            or (isinstance(each, ast.Constant) and isinstance(each.value, str))
            for each in sides
        )
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return isinstance(node.func.value, ast.Constant)
    return False


def _is_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Return):
        return node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)
    return isinstance(node, ast.Pass | ast.Continue) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )
