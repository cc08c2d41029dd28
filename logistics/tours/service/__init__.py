"""Use cases of tours: planning, looking, publishing, driving."""

from logistics.tours.rules import WITHDRAWABLE
from logistics.tours.service.driving import end_stop, find_driver_day, leave_hub, return_to_hub
from logistics.tours.service.looking import (
    get_book,
    get_instance,
    get_tour,
    list_published_days,
    list_tours,
)
from logistics.tours.service.planning import (
    PLAN_JOB,
    fail_plan,
    request_plan,
    store_plan,
    tell_progress,
)
from logistics.tours.service.publishing import name_driver, publish_tour, withdraw_tour

__all__ = [
    "PLAN_JOB",
    "WITHDRAWABLE",
    "end_stop",
    "fail_plan",
    "find_driver_day",
    "get_book",
    "get_instance",
    "get_tour",
    "leave_hub",
    "list_published_days",
    "list_tours",
    "name_driver",
    "publish_tour",
    "request_plan",
    "return_to_hub",
    "store_plan",
    "tell_progress",
    "withdraw_tour",
]
