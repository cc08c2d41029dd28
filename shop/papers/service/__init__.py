"""Use cases of papers, for other features and edges.

Three files, because slips, papers, and uploaded tables of papers are three ideas.
"""

from shop.papers.service.recording import add_paper, list_papers, void_paper
from shop.papers.service.taking_in import get_file, list_files, store_file, take_in_file
from shop.papers.service.weighing import (
    correct_slip,
    covered_orders,
    get_slip,
    list_lacking,
    list_slips,
    make_slips,
)

__all__ = [
    "add_paper",
    "correct_slip",
    "covered_orders",
    "get_file",
    "get_slip",
    "list_files",
    "list_lacking",
    "list_papers",
    "list_slips",
    "make_slips",
    "store_file",
    "take_in_file",
    "void_paper",
]
