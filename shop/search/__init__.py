"""Search: finds products by words of any length, one Chinese character included."""
