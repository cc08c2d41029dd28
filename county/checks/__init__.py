"""The house looks at itself: the rooms' invariants, the two hash chains, and their heads kept outside."""
