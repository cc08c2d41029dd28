"""Health, readiness and metrics for whoever runs this."""

from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from county import clock, database
from county.jobs import service as jobs
from county.web.access import PUBLIC, allow

pages = Blueprint("county_health", __name__)
JOB_AGE_ILL_S = 300


@pages.get("/healthz")
@allow(PUBLIC)
def healthz() -> Response:
    """Answer ok when this process and its database answer."""
    try:
        with database.reading() as db:
            db.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return _ill("database does not answer")
    return jsonify({"status": "ok", "time": clock.now().isoformat()})


@pages.get("/readyz")
@allow(PUBLIC)
def readyz() -> Response:
    """Answer ok when migrations are current and no due job is older than five minutes."""
    from county.operations import migrations

    try:
        with database.reading() as db:
            age_s = jobs.oldest_due_age_s(db, now=clock.now())
        is_current = migrations.is_current(database.engine())
    except SQLAlchemyError:
        return _ill("database does not answer")
    if not is_current:
        return _ill("migrations are not current; run migrate")
    if age_s > JOB_AGE_ILL_S:
        return _ill(f"the oldest due job has waited {age_s} seconds")
    return jsonify({"status": "ok", "oldest_due_job_s": age_s})


@pages.get("/metrics")
@allow(PUBLIC)
def metrics() -> Response:
    """Show Prometheus text: the database's figures, made afresh at each look."""
    registry = CollectorRegistry()
    states = Gauge("shanhuo_jobs", "jobs by state", ["state"], registry=registry)
    oldest = Gauge("shanhuo_oldest_due_job_seconds", "age of the oldest due job", registry=registry)
    with database.reading() as db:
        for state, count in jobs.count_by_state(db).items():
            states.labels(state=state).set(count)
        oldest.set(jobs.oldest_due_age_s(db, now=clock.now()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _ill(why: str) -> Response:
    current_app.logger.warning("not well: %s", why)
    response = jsonify({"status": "ill", "why": why})
    response.status_code = 503
    return response
