"""Feeds: tracking events that the linehaul carriers send as files."""
