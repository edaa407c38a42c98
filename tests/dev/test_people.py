"""The fictitious clinic is the same for the same numbers."""

from collections import Counter
from datetime import date

from carepath.dev.people import STAGES, patients, sign_ins

TODAY = date(2026, 12, 1)


def test_the_same_seed_gives_the_same_people():
    assert patients(40, 1, TODAY) == patients(40, 1, TODAY)
    assert patients(40, 1, TODAY) != patients(40, 2, TODAY)
    assert sign_ins(1) == sign_ins(1)
    assert {one.totp_secret for one in sign_ins(1)}.isdisjoint(one.totp_secret for one in sign_ins(2))


def test_forty_people_live_every_stage():
    stages = Counter(person.stage for person in patients(40, 1, TODAY))
    assert set(stages) == set(STAGES)
    assert len({person.email for person in patients(40, 1, TODAY)}) == 40
    assert all(person.email.endswith(".example") for person in patients(40, 1, TODAY))
