"""What can be wrong with a desk, one family of findings a file."""
