"""Tests of what payments book, on real databases."""
