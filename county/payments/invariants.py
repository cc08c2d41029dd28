"""What must hold of payments at any time: queries that return no row."""

from county.room import Invariant

INVARIANTS = (
    Invariant(
        "refunds counted as done are the refunds done",
        "SELECT p.out_trade_no FROM county_payment p WHERE p.refunded_fen <> ("
        "SELECT COALESCE(SUM(i.fen), 0) FROM county_payment_instruction i WHERE i.payment_id = p.id "
        "AND i.wish = 'refund' AND i.trade_no = p.trade_no AND i.state = 'done')",
    ),
    Invariant(
        "refunds counted against a payment are those not refused",
        "SELECT p.out_trade_no FROM county_payment p WHERE p.refunding_fen <> ("
        "SELECT COALESCE(SUM(i.fen), 0) FROM county_payment_instruction i WHERE i.payment_id = p.id "
        "AND i.wish = 'refund' AND i.trade_no = p.trade_no AND i.state <> 'refused')",
    ),
    Invariant(
        "a payment is returned exactly when all of it was paid back",
        "SELECT out_trade_no FROM county_payment WHERE (state = 'returned') <> (refunded_fen = fen)",
    ),
    Invariant(
        "a trade pays an order or waits in suspense, never both",
        "SELECT s.trade_no FROM county_payment_suspense s JOIN county_payment p ON p.trade_no = s.trade_no",
    ),
    Invariant(
        "every instruction has its job",
        "SELECT i.request_no FROM county_payment_instruction i LEFT JOIN county_job j "
        "ON j.kind = 'payments_instruct' AND j.key = i.request_no WHERE j.id IS NULL",
    ),
)
