"""Signals: which reading calls a provider's attention, and how loudly. A module a family; `run` goes through them all."""

from carepath.followups.rules.signals.model import TONES, Noticed, Raised, SignalRule
from carepath.followups.rules.signals.run import KINDS, signals

__all__ = ["KINDS", "TONES", "Noticed", "Raised", "SignalRule", "signals"]
