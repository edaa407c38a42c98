"""Measurements and comparisons that are no tests: they need time, other programs or public files."""
