"""Pure rules of follow-ups: plans, cadence, relief, signals. A signal asks a person to look; none proposes a dose."""
