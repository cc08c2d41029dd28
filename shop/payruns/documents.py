"""The bank's batch file, as CSV and XLSX: safe to open, the account as text, the amount as a number."""

import csv
import hashlib
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

from county import money
from county.sheets import Amount, safe_text, write_workbook
from shop.payruns.types import BankFile, BankLine, FileForm

# The headings that Chinese banks' batch payment pages know, in the language of the bank.
HEAD = ("流水号", "收款人户名", "收款人账号", "收款人开户行", "金额(元)", "用途")
_MARK = "\ufeff"


def bank_files(lines: Sequence[BankLine]) -> tuple[BankFile, ...]:
    """Make a run's bank file in every form."""
    made = {FileForm.CSV: _csv(lines), FileForm.XLSX: _xlsx(lines)}
    return tuple(
        BankFile(form, content, hashlib.sha256(content).hexdigest()) for form, content in made.items()
    )


def _csv(lines: Sequence[BankLine]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEAD)
    for line in lines:
        words = [safe_text(each) for each in (line.item_no, line.holder, line.number, line.bank)]
        writer.writerow([*words, money.format_yuan(line.net_fen), safe_text(line.purpose)])
    return (_MARK + text.getvalue()).encode()


def _xlsx(lines: Sequence[BankLine]) -> bytes:
    rows = [
        (line.item_no, line.holder, line.number, line.bank, Amount(line.net_fen), line.purpose)
        for line in lines
    ]
    with tempfile.TemporaryDirectory(prefix="payrun-") as folder:
        path = Path(folder) / "run.xlsx"
        write_workbook(path, [("批量付款", [HEAD, *rows])])
        return path.read_bytes()
