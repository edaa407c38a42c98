"""Everything in config/, read and checked as a whole, for the product's start and for `carepath doctor`."""

from dataclasses import dataclass
from pathlib import Path

from carepath.followups import catalogue as followups
from carepath.intake import catalogue as intake
from carepath.kit.errors import ConfigProblem
from carepath.questionnaires import service as questionnaires
from carepath.scheduling import catalogue as scheduling
from carepath.screening import catalogue as screening


@dataclass(frozen=True, slots=True)
class Configuration:
    """The checked content of config/."""

    clinic: scheduling.Clinic
    intake: intake.Catalogue
