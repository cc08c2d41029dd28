"""Reads the tree for the house rules: sources with resolved names, findings, and the registry of rules."""

import ast
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("county", "logistics", "shop", "livestream")
EDGES = ("pages", "api", "jobs", "cli", "handlers")


@dataclass(frozen=True)
class Finding:
    """One breach: which rule, where, and what is there."""

    rule: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: [{self.rule}] {self.what}"


@dataclass(frozen=True)
class Source:
    """One file of the project as text; `path` is relative to the project, with slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Give the syntax tree; parents are reachable as `node.parent`."""
        tree = ast.parse(self.text)
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                child.parent = node  # type: ignore[attr-defined]
        return tree

    @cached_property
    def parses(self) -> bool:
        """Tell whether this is Python that can be read; a file that is not breaks one rule, not all."""
        try:
            ast.parse(self.text)
        except SyntaxError:
            return False
        return True

    @property
    def parts(self) -> tuple[str, ...]:
        """Give the dotted module name as parts."""
        parts = self.path.removesuffix(".py").split("/")
        return tuple(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def is_python(self) -> bool:
        """Tell whether this is Python."""
        return self.path.endswith(".py")

    @property
    def is_product(self) -> bool:
        """Tell whether this is code of the four rooms or a door."""
        return self.is_python and (self.parts[0] in ROOMS or self.path in ("app.py", "run.py"))

    @property
    def is_test(self) -> bool:
        """Tell whether this belongs to the tests."""
        return self.path.startswith("tests/")

    @property
    def feature(self) -> tuple[str, ...]:
        """Give (room, feature) of a file inside a feature, else nothing."""
        return self.parts[:2] if self.parts[0] in ROOMS and len(self.parts) > 2 else ()

    @property
    def shelf(self) -> str:
        """Give the shelf place inside a feature: `service`, `store`, …; a folder counts as its name."""
        return self.parts[2] if self.feature else ""

    def is_shelf(self, *names: str) -> bool:
        """Tell whether the file stands at one of these places; `service_refunds` counts as `service`."""
        return any(self.shelf == name or self.shelf.startswith(name + "_") for name in names)

    @cached_property
    def imports(self) -> list[tuple[ast.stmt, str]]:
        """List every import as (statement, full dotted name)."""
        found: list[tuple[ast.stmt, str]] = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(node, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                found += [(node, f"{node.module}.{alias.name}") for alias in node.names]
        return found

    @cached_property
    def names(self) -> dict[str, str]:
        """Map each local name that an import made to what it stands for."""
        names = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    names[alias.asname or alias.name.split(".")[0]] = (
                        alias.name if alias.asname else alias.name.split(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        return names

    def dotted(self, node: ast.AST) -> str:
        """Give the full dotted name of a name or attribute, imports resolved; empty for anything else."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value)
            return f"{base}.{node.attr}" if base else ""
        return ""

    @cached_property
    def calls(self) -> list[tuple[ast.Call, str]]:
        """List every call as (node, full dotted name of what is called)."""
        return [(node, self.dotted(node.func)) for node in ast.walk(self.tree) if isinstance(node, ast.Call)]

    def line(self, number: int) -> str:
        """Give a line of the text."""
        return self.text.splitlines()[number - 1]


Check = Callable[[Source], Iterable[tuple[int, str]]]


@dataclass(frozen=True)
class Rule:
    """A house rule: its name, what it says, which files it reads, and the check over one of them."""

    name: str
    says: str
    reads: Callable[[Source], bool]
    check: Check

    def findings(self, source: Source) -> list[Finding]:
        """List the breaches in one file."""
        if not self.reads(source) or (source.is_python and not source.parses and self.name != "parses"):
            return []
        return [Finding(self.name, f"{source.path}:{line}", what) for line, what in self.check(source)]


RULES: dict[str, Rule] = {}


def rule(name: str, says: str, reads: Callable[[Source], bool]) -> Callable[[Check], Check]:
    """Register a check under a name."""

    def register(check: Check) -> Check:
        assert name not in RULES, name
        RULES[name] = Rule(name, says, reads, check)
        return check

    return register


def product(source: Source) -> bool:
    """Select the code of the rooms and the doors."""
    return source.is_product


def python(source: Source) -> bool:
    """Select all Python."""
    return source.is_python


def committed() -> list[str]:
    """List the files that belong to the project: committed, or new and not ignored."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return sorted(name for name in listed if (ROOT / name).is_file())


def is_foreign(path: str) -> bool:
    """Tell whether a file was written elsewhere and is only kept here."""
    return "/vendor/" in path or path.startswith("LICENSE") or path == "requirements.lock"


@cache
def project() -> tuple[Source, ...]:
    """Read every text file of the project that was written here, once per run."""
    sources = []
    for path in committed():
        if is_foreign(path):
            continue
        try:
            sources.append(Source(path, (ROOT / path).read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return tuple(sources)


def enclosing_functions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda]:
    """Walk from a node outwards over the functions that hold it."""
    while (node := getattr(node, "parent", None)) is not None:  # type: ignore[assignment]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
