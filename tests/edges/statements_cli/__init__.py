"""Tests of statements at the command line."""
