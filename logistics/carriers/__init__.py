"""Carriers: the courier firms, freight lines and buses that deliver together."""
