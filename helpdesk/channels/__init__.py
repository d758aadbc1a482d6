"""The ways by which requests arrive, a folder each."""
