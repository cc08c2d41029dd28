"""Files: pictures checked and made anew before they are kept, under names of our own."""
