"""Makers of test objects: say only what matters to the test."""
