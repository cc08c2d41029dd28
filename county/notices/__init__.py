"""Notices: short messages to people, in the app and by SMS."""
