"""What a workflow file would do, and what becomes of live tickets when it changes."""
