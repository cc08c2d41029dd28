"""What must hold in the ledger at every moment, as queries that return no row."""

from county.room import Invariant

INVARIANTS = (
    Invariant(
        "ledger: every entry balances",
        "SELECT entry_id, count(*), sum(fen) FROM county_posting "
        "GROUP BY entry_id HAVING count(*) < 2 OR sum(fen) <> 0",
    ),
    Invariant(
        "ledger: every book sums to zero",
        "SELECT a.book, sum(p.fen) FROM county_posting p JOIN county_account a ON a.id = p.account_id "
        "GROUP BY a.book HAVING sum(p.fen) <> 0",
    ),
    Invariant(
        "ledger: every entry has postings",
        "SELECT e.key FROM county_entry e "
        "WHERE NOT EXISTS (SELECT 1 FROM county_posting p WHERE p.entry_id = e.id)",
    ),
    Invariant(
        "ledger: every posting has its entry",
        "SELECT p.entry_id, p.line FROM county_posting p "
        "WHERE NOT EXISTS (SELECT 1 FROM county_entry e WHERE e.id = p.entry_id)",
    ),
    Invariant(
        "ledger: an entry lies in one book",
        "SELECT e.key, e.book, a.book FROM county_entry e JOIN county_posting p ON p.entry_id = e.id "
        "JOIN county_account a ON a.id = p.account_id WHERE a.book <> e.book",
    ),
    Invariant(
        "ledger: a reversal takes back exactly its first",
        "SELECT e.key, p.account_id, sum(p.fen) FROM county_entry e "
        "JOIN county_posting p ON p.entry_id = e.id OR p.entry_id = e.reverses_id "
        "WHERE e.reverses_id IS NOT NULL GROUP BY e.key, p.account_id HAVING sum(p.fen) <> 0",
    ),
    Invariant(
        "ledger: nothing was booked into a period after it was closed",
        "SELECT e.key, e.effective_on, p.ends_on FROM county_entry e JOIN county_period p ON p.book = e.book "
        "AND e.effective_on >= p.starts_on AND e.effective_on < p.ends_on WHERE e.at > p.closed_at",
    ),
    Invariant(
        "ledger: periods follow each other without gaps",
        "SELECT p.book, p.starts_on FROM county_period p "
        "WHERE EXISTS (SELECT 1 FROM county_period q WHERE q.book = p.book AND q.starts_on < p.starts_on) "
        "AND NOT EXISTS (SELECT 1 FROM county_period q WHERE q.book = p.book AND q.ends_on = p.starts_on)",
    ),
    Invariant(
        "ledger: a captured hold took no more than it held",
        "SELECT h.key, h.fen, sum(p.fen) FROM county_hold h "
        "JOIN county_account a ON a.id = h.account_id "
        "JOIN county_posting p ON p.entry_id = h.captured_by AND p.account_id = h.account_id "
        "WHERE h.state = 'captured' GROUP BY h.key, h.fen, a.kind "
        "HAVING sum(p.fen) * CASE WHEN a.kind IN ('cash', 'receivable', 'expense') "
        "THEN -1 ELSE 1 END > h.fen",
    ),
    Invariant(
        "ledger: every entry is sealed",
        "SELECT e.key FROM county_entry e "
        "WHERE NOT EXISTS (SELECT 1 FROM county_ledger_seal s WHERE s.entry_id = e.id)",
    ),
)
