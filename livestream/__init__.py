"""Streamers, studios, live hours and the sales that come from them."""
