"""What the livestream room offers to the front door."""

from county.room import Room

ROOM = Room(
    name="livestream",
    commands={"livestream plan": "livestream.planner.cli:plan_command"},
)
