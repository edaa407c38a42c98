"""People and how they prove who they are: staff accounts, patients, sessions, links."""
