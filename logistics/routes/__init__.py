"""All couriers' parcels of a day in one plan of trips, with its proven bound and its baselines.

Beside the usual shelf: `network.py` holds the matrices that rules, solver and bound share.
"""
