"""What cannot repair itself: one list for the association, which every feature may add to."""
