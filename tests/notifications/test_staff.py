"""Letters to staff: they say that there is something and where, never about whom."""

from datetime import timedelta

from carepath.evaluations import service as evaluations
from carepath.intake import service as intakes
from carepath.journey import emergency
from carepath.kit import db
from carepath.kit.actor import SYSTEM
from carepath.kit.ids import new_id
from carepath.notifications import service as notifications
from tests import cast
from tests.cast import NOW
from tests.letters import check_discreet, link_of, text_of
from tests.mailroom import Mailroom

NIGHT = NOW + timedelta(hours=15)


async def test_a_record_opened_in_an_emergency_is_told_to_the_patients_provider_and_to_admins_at_once(room: Mailroom):
    rosa, adam, opened = await cast.provider(), await cast.admin(), new_id()
    for who in (rosa, adam):
        for _again in range(2):
            await notifications.enqueue(
                "break-glass-notice", "account", who.account.id, "break-glass", opened, 1, NIGHT, NIGHT
            )
    await room.drain(NIGHT)
    [to_rosa], [to_adam] = room.to(rosa.account.email), room.to(adam.account.email)
    for mail in (to_rosa, to_adam):
        check_discreet(mail, str(opened))
    assert "December 1, 2026 at 11:00 PM Mountain" in text_of(to_rosa)
    assert "December 2, 2026 at 12:00 AM Central" in text_of(to_adam)
    assert (link_of(to_rosa), link_of(to_adam)) == ("/provider/opened", "/admin/audit")


async def test_opening_a_record_writes_to_whoever_looks_after_the_patient_and_names_nobody(room: Mailroom):
    rosa, ivo, adam = await cast.provider(), await cast.provider("Ivo Brandt"), await cast.admin()
    paula = await cast.patient()
    intake = await intakes.newest(SYSTEM, paula.id)
    assert intake is not None
    found = await evaluations.open_for(SYSTEM, paula.id, intake.id, "routine", NOW)
    await evaluations.claim(rosa.actor, found.id, NOW)
    opening = await emergency.open_record(ivo.actor, paula.id, "She cannot be woken; her sister calls.", NIGHT)
    await room.drain(NIGHT)
    assert room.to(ivo.account.email) == []
    for who in (rosa, adam):
        [mail] = room.to(who.account.email)
        check_discreet(mail, "Paula", "Winter", "Ivo", "woken", str(opening.id), str(paula.id))


async def test_who_may_not_sign_in_any_more_gets_no_mail_about_work(room: Mailroom):
    rosa = await cast.provider()
    await db.execute("UPDATE account SET is_active = false")
    for kind, subject in (("urgent-task", "urgent-task"), ("break-glass-notice", "break-glass")):
        await notifications.enqueue(kind, "account", rosa.account.id, subject, new_id(), 1, NOW, NOW)
    await room.drain(NOW)
    assert room.mails == []
    found = await db.rows("SELECT DISTINCT status, reason FROM message")
    assert found == [{"status": "skipped", "reason": "this account is switched off"}]
