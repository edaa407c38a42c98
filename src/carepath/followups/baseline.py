"""What the intake says: where relief, bladder and opioids are counted from."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from carepath.followups.catalogue import followups
from carepath.followups.rules.history import Baseline
from carepath.kit.actor import Scope
from carepath.questionnaires import service as questionnaires
from carepath.questionnaires.service import Response

_INTAKE = "intake"


async def baseline_of(scope: Scope, patient_id: UUID) -> Baseline:
    """The patient's first answers of an intake."""
    reads, forms = followups().reads.scores, followups().baseline
    scores = await questionnaires.first_scores(scope, patient_id, _INTAKE)
    answered = await questionnaires.completed_of(scope, patient_id, _INTAKE, [forms.bladder, forms.medicines])
    bladder = [one for one in answered if one.questionnaire.url == forms.bladder][:1]
    has_listed = any(one.questionnaire.url == forms.medicines for one in answered)
    phq9 = scores.get(reads["phq9"])
    return Baseline(
        scores.get(reads["peg"]), scores.get("nrs"), None if phq9 is None else int(phq9), _always(bladder),
        _nights(bladder), scores.get(reads["mme"], Decimal(0) if has_listed else None),
    )  # fmt: skip


def _always(bladder: Sequence[Response]) -> frozenset[str]:
    """The codes of what was always so: the last part of each question's linkId."""
    always = followups().baseline.always
    return frozenset(
        link_id.rpartition(".")[2]
        for one in bladder
        for link_id, given in one.answers.items()
        if always in {str(value) for value in given}
    )


def _nights(bladder: Sequence[Response]) -> int | None:
    given = [value for one in bladder for value in one.answers.get(followups().baseline.nights, ())]
    return next((value for value in given if isinstance(value, int)), None)
