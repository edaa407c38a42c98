"""The four ways a verb can say no. They know nothing of HTTP; `web.errors` maps them once."""

from collections.abc import Mapping


class CarepathError(Exception):
    """A refusal with a reason that a person can read."""


class NotFound(CarepathError):
    """Absent, or outside the actor's scope: the two are told apart by nobody."""

    def __init__(self, reason: str = "There is nothing here, or it is not yours to see.") -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(CarepathError):
    """The actor's role does not allow the act."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Conflict(CarepathError):
    """The state of the world does not allow the act (any more). `code` is stable, for programs."""

    def __init__(self, reason: str, code: str = "conflict") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Invalid(CarepathError):
    """What was sent cannot be accepted: one sentence for each field's name."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {message}" for name, message in fields.items()))
        self.fields = dict(fields)


class ConfigProblem(CarepathError):
    """A file in config/ that cannot be used: file, key and reason."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(f"{file}: {key}: {reason}" if key else f"{file}: {reason}")
        self.file, self.key, self.reason = file, key, reason
