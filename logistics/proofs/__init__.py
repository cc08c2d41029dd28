"""Proof of delivery: a keeper hands parcels out, and it is kept how the consignee was known."""
