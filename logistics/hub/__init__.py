"""The hub: every parcel that arrives or leaves is scanned here."""
