"""The room on air: numbered events of a session, its control page, and the relay that sends them out."""
