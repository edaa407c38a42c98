"""One Piccolo app, one linear history. The SQL is written by hand: see docs/adr/0002."""
