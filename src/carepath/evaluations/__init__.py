"""Evaluations: the provider's review of an intake, its decision, and tasks that cannot wait."""
