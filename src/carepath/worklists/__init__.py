"""Read-only joins across islands: what each person's desk shows."""
