"""Pages in a real Chromium: accessible, readable, without a sideways scroll."""
