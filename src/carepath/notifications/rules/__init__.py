"""The pure core: which messages there are, when they are due, and what becomes of one."""
