"""The spoken names of roles, consents and messages, as filters of the templates."""

from flask import Flask
from flask_babel import gettext

from county import money
from county.errors import N_
from county.notices.types import Notice
from county.people.types import Role, Scope

ROLE_NAMES = {
    Role.BUYER: N_("Buyer"),
    Role.FARMER: N_("Farmer"),
    Role.VILLAGE_AGENT: N_("Village agent"),
    Role.STREAMER: N_("Streamer"),
    Role.COURIER_CLERK: N_("Courier clerk"),
    Role.HUB_CLERK: N_("Hub clerk"),
    Role.DRIVER: N_("Driver"),
    Role.STATION_KEEPER: N_("Station keeper"),
    Role.ASSOCIATION_ADMIN: N_("Association"),
    Role.AUDITOR: N_("Auditor"),
}
SCOPE_NAMES = {
    Scope.LIST_PRODUCTS: N_("List and change products"),
    Scope.PACK_ORDERS: N_("Pack orders"),
    Scope.SEE_MONEY: N_("See the money page"),
    Scope.REQUEST_SESSIONS: N_("Ask for live hours"),
    Scope.ANSWER_CLAIMS: N_("Answer claims, keep lots"),
}


def install(app: Flask) -> None:
    """Give the templates the filters role_name, scope_name and notice_text."""
    app.add_template_filter(lambda role: gettext(ROLE_NAMES[Role(role)]), "role_name")
    app.add_template_filter(lambda scope: gettext(SCOPE_NAMES[Scope(scope)]), "scope_name")
    app.add_template_filter(notice_text, "notice_text")


def notice_text(notice: Notice) -> str:
    """Say a message in the reader's language."""
    return money.fill(gettext(notice.says), notice.facts)
