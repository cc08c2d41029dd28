"""Ground floor: people, places, money and the machinery that every room stands on."""
