"""The front door: puts the rooms together into one web application and one command line."""

import sys
from typing import Any

import click
from flask import Flask

import county.wiring
import livestream.wiring
import logistics.wiring
import shop.wiring
from county import config, room
from county.errors import BadInput, Refused, Unreachable

ROOMS = (county.wiring.ROOM, logistics.wiring.ROOM, shop.wiring.ROOM, livestream.wiring.ROOM)
COMMANDS = {words: target for each in ROOMS for words, target in each.commands.items()}


def create_app(settings: config.Settings | None = None) -> Flask:
    """Make the web application of all rooms, connected to the database of its settings."""
    from county.web import frame

    return frame.make_app(settings or config.load(), ROOMS)


class Door(click.Group):
    """A command group that imports a command only when it is called."""

    def __init__(self, prefix: str = "", **attributes: Any) -> None:
        super().__init__(**attributes)
        self.prefix = prefix

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the next words of every command below this one."""
        below = [words.removeprefix(self.prefix) for words in COMMANDS if words.startswith(self.prefix)]
        return sorted({words.split()[0] for words in below})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command, or give the group of commands that begin with this word."""
        words = self.prefix + cmd_name
        if words in COMMANDS:
            command: click.Command = room.load(COMMANDS[words])
            return command
        if any(each.startswith(words + " ") for each in COMMANDS):
            return Door(prefix=words + " ", name=cmd_name, help=f"Commands of {words}.")
        return None


def main(arguments: list[str] | None = None) -> int:
    """Run one command; give the exit code of CONTRACTS §1."""
    door = Door(name="app.py", help="Shanhuo: a county's products, its live rooms, its couriers, one ledger.")
    try:
        result = door.main(args=arguments, prog_name="app.py", standalone_mode=False, obj=ROOMS)
    except BadInput as refusal:
        for fault in refusal.faults:
            print(fault, file=sys.stderr)
        return 2
    except (Refused, Unreachable) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except click.ClickException as error:
        print(error.format_message(), file=sys.stderr)
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    return result if isinstance(result, int) else 0


if __name__ == "__main__":
    sys.exit(main())
