"""Refusals of the web floor itself."""

from county.errors import N_, Refused


class IdempotencyKeyMissing(Refused):
    """A request that moves money came without its Idempotency-Key."""

    code = "idempotency_key_missing"
    says = N_("This request needs an Idempotency-Key header of 1 to 200 printable characters.")
    status = 400


class IdempotencyKeyReused(Refused):
    """The same key came with another body."""

    code = "idempotency_key_reused"
    says = N_("This form or key was already used for something else. Please load the page again.")
    status = 422


class StillRunning(Refused):
    """The first request with this key has not ended yet."""

    code = "still_running"
    says = N_("The first request with this key is still running. Please wait a moment.")
    status = 409


class BadCursor(Refused):
    """The paging cursor or limit is not one we gave."""

    code = "bad_cursor"
    says = N_("The page asked for does not exist; begin with the first page.")
    status = 400
