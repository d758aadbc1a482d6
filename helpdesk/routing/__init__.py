"""Who gets the work."""
