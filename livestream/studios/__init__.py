"""Studios: the rooms and sets that streamers share."""
