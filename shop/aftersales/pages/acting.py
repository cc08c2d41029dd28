"""What acting pages of claims and lots share: a refused form is shown again, with its words at the field."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from county import web
from county.errors import Refused
from county.web.frame import sentence
from shop.aftersales import forms, service
from shop.aftersales.types import Party


def act_or_show(
    work: Callable[[Session], str], *, page: Callable[[dict[str, str]], str], said: str = ""
) -> ResponseReturnValue:
    """Do a form's work once and say so; show the page again with what is wrong by field when it is 422."""
    try:
        answer = web.once_page(work)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return page({str(refusal.facts.get("field", "main")): sentence(refusal)}), 422
    if said:
        web.flash_said(said)
    return answer


def approve_or_refuse(db: Session, *, act: str, by: Party, whose: dict[str, Any], now: datetime) -> None:
    """Decide a claim as its form says, for the grower or for the association."""
    if act == "approve":
        spoiled = forms.read_spoiled()
        service.approve(db, by=by, spoiled=spoiled, says=forms.read_words(), now=now, **whose)
    else:
        service.refuse(db, by=by, says=forms.read_words(), now=now, **whose)
