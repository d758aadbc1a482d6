"""Signing in with a password, the second step, new passwords, and where one is signed in."""
