"""Every message of every kind, from a database whose every private field carries a marker of its own: none is seen but
the first name in one's own mail. The same search goes over logs, broker traffic and process arguments."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from carepath.notifications.rules.kinds import KINDS
from carepath.settings import Settings
from tests.letters import check_discreet, text_of
from tests.notifications.privacy import planting
from tests.notifications.privacy.clinic import Evidence, beside, observe, product
from tests.notifications.privacy.ordering import OUTCOMES
from tests.notifications.privacy.search import Leak, found_in, leaks, leaks_of_mail


@pytest.fixture(scope="module")
async def seen(migrated: Settings) -> AsyncIterator[Evidence]:
    """All that is looked at here happens once."""
    with tempfile.TemporaryDirectory(prefix="carepath-privacy-") as name, product(Path(name)) as (stack, server):
        async with beside(stack, migrated):
            yield await observe(stack, server)


def check(found: list[Leak]) -> None:
    assert not found, "\n".join(dict.fromkeys(map(str, found)))


async def test_every_column_that_may_be_private_is_marked(seen: Evidence):
    columns = await planting.schema()
    assert planting.unknown(columns) == [], "say in privacy/planting.py how these are marked, or that they are codes"
    known = {*planting.SEALED, *planting.OPEN}
    assert known - {one.full for one in columns} == set(), "these are gone"
    assert known - seen.markers.columns == set(), "no row had any of these"


def test_every_kind_has_left_for_its_recipient(seen: Evidence):
    mails = {UUID(mail.message_id.partition("@")[0]): mail for mail in seen.mails}
    for kind in KINDS:
        row, mail = seen.rows[seen.made[kind]], mails[seen.made[kind]]
        name, address = (seen.markers.of(one.column, one.row) for one in (row.own.name, row.own.address))
        assert (row.kind, row.status) == (kind, "sent")
        assert mail.recipients == (f"{address}@mail.example",)
        assert text_of(mail.parsed).startswith(f"Hello {name},")


def test_no_mail_shows_more_than_the_name_of_whom_it_greets(seen: Evidence):
    for mail in seen.mails:
        row = seen.row_of(mail)
        check(leaks_of_mail(seen.markers, row.kind, mail.content, row.own))


def test_no_mail_names_a_drug_a_condition_or_what_kind_of_clinic_writes(seen: Evidence):
    for mail in seen.mails:
        check_discreet(mail.parsed)


def test_what_cannot_be_sent_says_why_in_words_of_ours(seen: Evidence):
    found = {name: seen.rows[seen.made[name]] for name in OUTCOMES}
    assert {name: (row.status, row.reason, row.attempts) for name, row in found.items()} == OUTCOMES
    check([leak for row in seen.rows.values() for leak in leaks(seen.markers, f"row of {row.kind}", row.everything)])


def test_a_mail_server_hears_an_address_once_and_nothing_else(seen: Evidence):
    assert any("550" in row.reason for row in seen.rows.values())
    for line in seen.commands:
        found = {field.column.partition(".")[2] for field in found_in(seen.markers, line)}
        assert found <= ({"email_enc"} if "TO:" in line else set()), line


def test_no_log_and_no_other_file_shows_anything(seen: Evidence):
    logs = {name.partition("/")[2]: text for name, text in seen.files.items()}
    assert "cannot be written: WrongKey" in logs["worker.log"]
    assert "failed: WrongKey" in logs["web.log"]
    assert {"up.log", "beat.log", "valkey.conf", "log"} <= set(logs)
    check([leak for name, text in seen.files.items() for leak in leaks(seen.markers, name, text)])


def test_the_broker_carries_nothing_of_anybody(seen: Evidence):
    assert "workers.messages.drain" in seen.traffic
    assert "brpop" in seen.traffic.lower()
    check(leaks(seen.markers, "broker", seen.traffic))


def test_no_process_is_given_anything_of_anybody(seen: Evidence):
    for what in ("carepath.cli up", "carepath.cli web", "worker --pool", " beat ", "valkey-server", "postgres: "):
        assert any(what in line for line in seen.arguments), what
    check([leak for line in seen.arguments for leak in leaks(seen.markers, "arguments", line)])


def test_who_has_a_mail_or_meets_an_error_sees_nothing_of_anybody(seen: Evidence):
    assert {page.status for page in seen.pages} == {200, 404, 422, 500}
    check([leak for page in seen.pages for leak in leaks(seen.markers, page.what, page.body) if not page.is_echo])
    assert "does not answer" in seen.calendars
    check(leaks(seen.markers, "what is said of a calendar", seen.calendars))
