"""A provider sees a finding and goes on, with a reason."""

from datetime import datetime
from uuid import UUID

from carepath.evaluations import check_queries, rules
from carepath.evaluations.check_queries import Override
from carepath.evaluations.checking import note_step, open_and_mine
from carepath.kit import db
from carepath.kit.actor import Actor, Scope
from carepath.kit.errors import Conflict
from carepath.kit.words import _

# What is only for information has nothing to go on in spite of.
OUTCOMES = ("stop", "urgent", "review")
LIMIT = 1000


async def override(
    actor: Actor, evaluation_id: UUID, rule_id: str, rule_version: str, reason: str, now: datetime
) -> None:
    """Keep why. `field` of Invalid is `why_<rule>`; Conflict when this finding was overridden before."""
    rules.check_text(f"why_{rule_id}", reason, _("Write why you go on in spite of this."), LIMIT)
    async with db.transaction():
        found = await open_and_mine(actor, evaluation_id)
        assert actor.account_id is not None
        given = Override(rule_id, rule_version, reason.strip(), actor.account_id, now)
        if not await check_queries.insert_override(actor.scope, found.id, given):
            raise Conflict(_("This finding was overridden already."), "overridden")
        await note_step(actor, found, "override", now, f"{rule_id} v{rule_version}: {given.reason}")


async def overrides(scope: Scope, evaluation_id: UUID) -> dict[str, Override]:
    """By rule."""
    return await check_queries.overrides(scope, evaluation_id)
