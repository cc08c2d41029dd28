"""Tracking: what happened to each parcel, from scans and feeds, in whatever order it comes."""
