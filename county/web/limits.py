"""Limits of single routes, declared on the view and installed by the frame."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def limited(rate: str) -> Callable[[View], View]:
    """Declare how often one person or address may call a view, such as `60 per minute`."""

    def mark(view: View) -> View:
        view.limit = rate  # type: ignore[attr-defined]
        return view

    return mark


def csrf_exempt(view: View) -> View:
    """Declare that a view proves its caller by a signature and takes no CSRF token."""
    view.csrf_exempt = True  # type: ignore[attr-defined]
    return view
