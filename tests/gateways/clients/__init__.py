"""Alipay's clients that nobody here wrote, unmodified, walking through the simulator side by side."""
