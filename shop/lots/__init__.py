"""Lots: what a grower harvested or made together of one product, and which orders it went into."""
