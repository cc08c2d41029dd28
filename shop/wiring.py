"""What the shop room offers to the front door."""

from county.room import Room

ROOM = Room(name="shop")
