"""Payments: the provider interface, Alipay behind it, and a simulator of its gateway; who paid what, once."""
