"""Couriers' rate cards: zones, chargeable weight and the charge of a parcel."""
