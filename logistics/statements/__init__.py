"""Couriers' monthly statements: read in any layout, reconciled with our waybills to the fen, with reasons.

Beside the usual shelf: `matching.py` holds the bulk comparison as DuckDB statements (called by `service`
only), `result.py` and `report.py` the two ways in which a reconciliation is written down, `headings.csv`
the headings seen so far.
"""
