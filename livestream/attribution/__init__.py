"""Attribution: which sale came from which session, proved by a signed link."""
