"""The association's list of what cannot repair itself, and the acts on it."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from county import clock, database, web
from county.errors import Refused
from county.people.types import Role
from county.tasks import forms, service
from county.tasks.types import Listed, NoteMissing, TaskGone
from county.web import allow
from county.web.frame import fill, sentence

pages = Blueprint("tasks", __name__)


@pages.get("/payments/tasks")
@allow(Role.ASSOCIATION_ADMIN, Role.AUDITOR)
def list_tasks() -> ResponseReturnValue:
    """Show everything that waits for a person, oldest first."""
    return _page()


@pages.post("/payments/tasks")
@allow(Role.ASSOCIATION_ADMIN)
def do_act() -> ResponseReturnValue:
    """Do one act of one task, once."""
    asked = forms.read_act()

    def work(db: Session) -> str:
        service.act(
            db,
            source=asked.source,
            key=asked.key,
            act=asked.act,
            note=asked.note,
            actor=web.actor(Role.ASSOCIATION_ADMIN),
            now=clock.now(),
        )
        return url_for("tasks.list_tasks")

    try:
        answer = web.once_page(work)
    except (TaskGone, NoteMissing) as refusal:
        return _page(refusal, asked=asked)
    web.flash_said(gettext("Done and written down."))
    return answer


def _page(refusal: Refused | None = None, *, asked: forms.AskedAct | None = None) -> ResponseReturnValue:
    with database.reading() as db:
        waiting = service.list_waiting(db, now=clock.now())
    page = render_template(
        "county/tasks.html",
        tasks=[_shown(number, listed) for number, listed in enumerate(waiting.tasks, 1)],
        count=waiting.count,
        may_act=Role.ASSOCIATION_ADMIN in web.caller().roles,
        refusal=sentence(refusal) if refusal else "",
        asked=asked,
    )
    return page, (refusal.status if refusal else 200)


def _shown(number: int, listed: Listed) -> dict[str, object]:
    task = listed.task
    return {
        "number": number,
        "source": listed.source,
        "key": task.key,
        "kind": gettext(task.kind),
        "since_at": task.since_at,
        "fen": task.fen,
        "says": fill(task.says, task.facts),
        "advice": fill(task.advice, task.facts),
        "acts": task.acts,
        "link": task.link,
    }
