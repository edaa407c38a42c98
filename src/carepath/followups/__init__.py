"""Follow-ups: the provider's treatment plan, check-ins on its cadence, signals from what patients answer."""
