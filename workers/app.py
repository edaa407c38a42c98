"""The Celery application: queues, ticks, and settings that survive killed workers and lost brokers."""

import os

from celery import Celery
from kombu.transport import redis

from carepath.settings import Settings

settings = Settings.from_environment(os.environ)

app = Celery("carepath", broker=settings.redis_url, include=[
    "workers.messages", "workers.scheduling", "workers.requests", "workers.followups", "workers.health",
    "workers.calendars", "workers.notices", "workers.evaluations",
])  # fmt: skip

# A worker that loses its broker would put back what it had taken and not begun, into a connection that is closed by then,
# and end of it. Nothing needs to be put back: the next tick finds the same rows.
redis.Channel.do_restore = False


def _tick(task: str, seconds: float) -> dict[str, object]:
    """A tick that a later one replaces: after an outage one is enough, so old ones expire."""
    return {"task": task, "schedule": seconds, "options": {"expires": max(2.0, seconds * 2)}}


app.conf.update(
    task_ignore_result=True,
    # A lost tick is replaced by the next, and redelivery could loop on a poison row. Nothing is said to the broker when a
    # task ends: a worker that has to say it to one that is gone ends, too.
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    task_time_limit=120,
    task_serializer="json",
    accept_content=["json"],
    task_default_queue="carepath",
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # an outage may last; by default the hundredth try is the last
    worker_hijack_root_logger=False,
    worker_soft_shutdown_timeout=5,
    beat_scheduler="celery.beat:Scheduler",  # keeps nothing on disk; every tick is idempotent
    beat_max_loop_interval=1,
    beat_schedule={
        "messages": _tick("workers.messages.drain", 1.0),
        "slow-mail": _tick("workers.messages.drain_slow", 2.0),
        "scheduling": _tick("workers.scheduling.tick", 2.0),
        "requests": _tick("workers.requests.tick", 2.0),
        "reviews": _tick("workers.requests.reviews", 60.0),
        "followups": _tick("workers.followups.tick", 2.0),
        "nudges": _tick("workers.notices.nudges", 20.0),
        "digests": _tick("workers.notices.digests", 20.0),
        "changes": _tick("workers.notices.changes", 60.0),
        "after-sessions": _tick("workers.followups.after_sessions", 20.0),
        "late-evaluations": _tick("workers.evaluations.late", 20.0),
        "late-urgent-tasks": _tick("workers.evaluations.urgent", 20.0),
        "red-again": _tick("workers.followups.red_again", 60.0),
        "signals-due": _tick("workers.followups.signals_due", 60.0),
        "calendars": _tick("workers.calendars.tick", 20.0),
        "health": _tick("workers.health.beat", 2.0),
        "tidy": _tick("workers.health.tidy", 300.0),
    },
    broker_transport_options={
        "visibility_timeout": 180,
        "socket_timeout": 30,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 25,
    },
)
