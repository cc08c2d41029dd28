"""The stories from end to end, through the commands that people run."""
