"""What pages show of the money that somebody earned through the association."""

from flask_babel import gettext

from shop.payruns.types import Standing


def sum_lines(found: Standing, *, earned: str) -> list[dict[str, str | int]]:
    """Give the lines of the sum from what was earned to what is still to be paid.

    What is nothing is left out, but for where the sum begins and what everybody asks for.
    """
    lines: list[dict[str, str | int]] = [
        {"label": earned, "fen": found.earned_fen},
        {"label": gettext("Tax withheld"), "fen": -found.withheld_fen},
        {"label": gettext("At the bank"), "fen": -found.under_way_fen},
        {"label": gettext("Arrived"), "fen": -found.arrived_fen},
    ]
    return [line for line in lines if line["fen"] or line in (lines[0], lines[-1])]
