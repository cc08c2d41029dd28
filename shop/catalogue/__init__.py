"""The catalogue: what growers offer, at which price, and how much of it is left."""
