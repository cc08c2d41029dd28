"""Places: county, towns and villages with their official codes."""
