"""Celery: wakes the verbs up. Messages of the broker carry nothing; all truth is in PostgreSQL."""
