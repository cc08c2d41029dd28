"""Tests that drive our adapter and the official SDK against the simulator over real HTTP."""
