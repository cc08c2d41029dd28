"""The optimiser: trips, vehicle shifts and the lower bound behind plain arguments."""
