"""Real servers for the tests: each file holds one, usable as a context manager and as a pytest fixture."""
