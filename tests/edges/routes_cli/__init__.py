"""The command `logistics plan` from outside."""
