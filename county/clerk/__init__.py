"""The process that rings the bells and works the due jobs; one of its kind leads, the others help."""
