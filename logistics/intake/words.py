"""Says what is wrong with a file or a row in the reader's language."""

import re

from flask_babel import gettext

from county.errors import N_, Fault
from logistics.intake.types import RowFault

# What county.sheets says of whole files, and how a page says it; anything else is shown as it stands.
_OF_FILES: tuple[tuple[str, str], ...] = (
    (r"protected by a password", N_("The workbook has a password. Save it without one and try again.")),
    (r"is not an XLSX workbook", N_("This is not an Excel workbook, whatever its name says.")),
    (r"old \.xls", N_("This is an old .xls workbook. Save it as .xlsx and try again.")),
    (r"ZIP archive", N_("This is an Excel workbook under a CSV name. Save it with the ending .xlsx.")),
    (r"damaged", N_("The workbook is damaged. Open it in Excel, save it again and try once more.")),
    (r"file is empty", N_("The file is empty.")),
    (r"neither UTF-8 nor GB18030", N_("The text is neither UTF-8 nor GB18030. Save the file as CSV UTF-8.")),
    (r"UTF-16|zero byte", N_("The text is neither UTF-8 nor GB18030. Save the file as CSV UTF-8.")),
    (r"unpacks to|parts; at most", N_("The workbook is far too big inside. Copy the table into a new one.")),
    (r"entities", N_("The workbook declares things that a table does not need. Copy it into a new one.")),
    (r"more than \d+ rows|bytes; at most", N_("The file is too big. Split it.")),
    (r"columns; at most|empty far cells", N_("The table is far too wide. Delete the empty far cells.")),
    (r"not closed properly", N_("A cell in quotation marks is not closed. Save the file as CSV again.")),
    (r"no file was chosen", N_("Please choose a file first.")),
    (r"neither \.csv nor \.xlsx", N_("Only files that end in .csv or .xlsx can be read.")),
    (
        r"no header found.*收件地址",
        N_("No header was found in the first rows. There must be columns such as 运单号 and 收件地址."),
    ),
    (
        r"no header found.*扫描时间",
        N_("No header was found in the first rows. There must be columns such as 运单号, 扫描时间 and 状态."),
    ),
)


def say_file_fault(fault: Fault) -> str:
    """Say what is wrong with a whole file."""
    for pattern, says in _OF_FILES:
        if re.search(pattern, fault.what):
            return str(gettext(says))
    return fault.what


def say_row_fault(fault: RowFault) -> str:
    """Say what is wrong with a row."""
    return str(gettext(fault.what)).format(**fault.facts)
