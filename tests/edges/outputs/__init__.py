"""Where all commands write."""
