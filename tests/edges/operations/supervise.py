"""A supervisor over stand-ins, as a process of its own: `supervise.py LOGS NAME=WORDS@ADDRESS …`."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from county.operations.supervisor import Program, Supervisor, python, until_stopped


def main(logs: str, *programs: str) -> None:
    """Start the programs, say when they are up, and look after them."""
    supervisor = Supervisor(Path(logs), os.environ, lambda sentence: print(sentence, flush=True))
    with until_stopped(supervisor):
        for each in programs:
            name, _, rest = each.partition("=")
            words, _, address = rest.partition("@")
            supervisor.start(Program(name, python(words.split()), address))
        late = supervisor.wait_until_up(within_s=20)
        print(f"up {supervisor.processes()} late {late}", flush=True)
        supervisor.watch()


if __name__ == "__main__":
    main(*sys.argv[1:])
