"""Checkout: from chosen sizes to orders with stock taken, freight quoted, splits fixed and a payment open."""
