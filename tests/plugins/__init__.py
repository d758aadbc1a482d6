"""Rules of the test run itself, as pytest plugins."""
