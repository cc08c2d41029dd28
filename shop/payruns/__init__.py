"""Pay runs: what is owed to growers and streamers becomes a bank file, by two people, and is paid once."""
