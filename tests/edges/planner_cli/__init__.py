"""The command `livestream plan` from outside."""
