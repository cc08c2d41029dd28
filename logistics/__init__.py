"""All couriers as one fleet: parcels, joint plans, statements and one settlement."""
