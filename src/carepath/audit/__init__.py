"""Who did what, who saw what: append-only rows that nobody can alter unnoticed."""
