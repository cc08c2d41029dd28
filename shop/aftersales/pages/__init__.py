"""Pages of aftersales: a folder, because buyer, grower, association and lots are four readers."""
