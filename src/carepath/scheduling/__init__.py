"""Scheduling: who is open when, and appointments that cannot overlap."""
