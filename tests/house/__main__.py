"""`run.py check`: format, lint, types, import contracts, house tests, bandit; one per core at a time."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.house.reading import ROOMS, ROOT

PROGRAMS = Path(sys.executable).parent
PYTHON = (sys.executable, "-m")
# The longest first, so that the cores are busy until the end.
CHECKS = {
    "house tests": (*PYTHON, "pytest", "-q", "-p", "no:cacheprovider", "tests/house"),
    "types": (*PYTHON, "mypy", "--no-error-summary"),
    "security": (*PYTHON, "bandit", "-q", "-ll", "-c", "pyproject.toml", "-r", *ROOMS, "app.py", "run.py"),
    "import contracts": (str(PROGRAMS / "lint-imports"), "--no-logo"),
    "lint": (*PYTHON, "ruff", "check", "--quiet", "."),
    "format": (*PYTHON, "ruff", "format", "--check", "--quiet", "."),
}


def run(name: str) -> tuple[str, int, str, float]:
    """Run one check; give its name, exit code, output and seconds."""
    began = time.perf_counter()
    done = subprocess.run(
        CHECKS[name], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return name, done.returncode, done.stdout, time.perf_counter() - began


def main(names: list[str]) -> int:
    """Run the named checks, all when none is named; print each as it ends; give 1 when one failed."""
    wrong = [name for name in names if name not in CHECKS]
    if wrong:
        print(f"{wrong[0]!r} is not a check; expected {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    failed = []
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for name, code, output, seconds in pool.map(run, names or list(CHECKS)):
            print(f"{'ok    ' if code == 0 else 'FAILED'} {name} ({seconds:.0f} s)", flush=True)
            if code:
                failed.append(name)
                print(output.rstrip() + "\n", flush=True)
    print(f"{len(failed)} of {len(names or CHECKS)} checks failed" if failed else "all checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
