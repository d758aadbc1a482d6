"""Measurements of the desk, each beside its reference in the same run, and the generator of the data they need.

`make bench` runs all of them (`python -m bench --help`); docs/performance.md holds the figures. Nothing of the desk
imports this.
"""
