"""Announcements upward: events written with the change that caused them, handled later by whoever listens."""
