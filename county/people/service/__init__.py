"""Use cases of people, the only way in from other features.

A folder: registering, signing in, roles confirmed by two, and acting for others are four ideas.
"""

from county.people.service.acting import (
    act_for,
    find_caller,
    give_consent,
    list_consents,
    require_scope,
    scopes_of,
    withdraw_consent,
)
from county.people.service.registering import (
    find_person_by_phone,
    get_person,
    has_anybody,
    list_people_with_role,
    names_of,
    register_person,
)
from county.people.service.roles import confirm_role, propose_role
from county.people.service.signing_in import (
    code_fits,
    find_password_hash,
    hash_password,
    make_code,
    password_fits,
    require_tries_left,
    sign_in,
    sign_out,
)

__all__ = [
    "act_for",
    "code_fits",
    "confirm_role",
    "find_caller",
    "find_password_hash",
    "find_person_by_phone",
    "get_person",
    "give_consent",
    "has_anybody",
    "hash_password",
    "list_consents",
    "list_people_with_role",
    "make_code",
    "names_of",
    "password_fits",
    "propose_role",
    "register_person",
    "require_scope",
    "require_tries_left",
    "scopes_of",
    "sign_in",
    "sign_out",
    "withdraw_consent",
]
