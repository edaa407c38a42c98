import pytest

from carepath.audit import history
from carepath.audit import service as audit
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from tests.cast import NOW

pytestmark = pytest.mark.usefixtures("database")


async def test_rows_verify_and_the_first_altered_one_is_named():
    for number in range(3):
        await audit.record(SYSTEM, "read", "evaluation", new_id(), NOW, patient_id=None, number=number)
    assert await audit.verify() == (True, "3 audit rows, every signature holds")
    async with db.transaction():
        await db.script("SET LOCAL session_replication_role = replica")
        await db.execute("UPDATE audit_event SET action = 'write' WHERE detail ->> 'number' = '1'")
    holds, words = await audit.verify()
    assert not holds
    assert "does not match" in words


@pytest.mark.parametrize("table", ["audit_event", "status_change"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET action = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
async def test_the_database_refuses_changes(table: str, statement: str):
    await audit.record(SYSTEM, "read", "evaluation", None, NOW)
    await history.record(SYSTEM, "intake", new_id(), from_status=None, to_status="draft", action="begin", now=NOW)
    with pytest.raises(Exception, match="append-only"):
        await db.execute(statement.format(table))


async def test_history_keeps_author_and_reason_and_the_reason_is_sealed():
    subject = new_id()
    await history.record(
        SYSTEM,
        "appointment",
        subject,
        from_status="booked",
        to_status="cancelled",
        action="cancel",
        now=NOW,
        reason="flu",
    )
    (step,) = await history.of(SYSTEM.scope, "appointment", subject)
    assert (step.action, step.author_role, step.reason) == ("cancel", "system", "flu")
    raw = await db.row("SELECT reason_enc FROM status_change")
    assert raw is not None
    assert b"flu" not in raw["reason_enc"]
