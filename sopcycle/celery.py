"""The Celery application. The schedule is code, so that it is reviewed and versioned with it."""

import os
import signal

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_process_init

from sopcycle.embedded.process import follow

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sopcycle.settings")

app = Celery("sopcycle")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "requeue lost jobs": {"task": "core.requeue_lost_jobs", "schedule": 30.0},
    "send waiting notifications": {"task": "core.send_notifications", "schedule": 60.0},
    "send outgoing webhooks": {"task": "planning.send_dispatches", "schedule": 15.0},
    "drain the inbox of CRMs": {"task": "crm.drain_inbox", "schedule": 5.0, "options": {"expires": 5}},
    "release parked events": {
        "task": "crm.release_parked_events",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "give overdue leads to the next rep": {"task": "crm.move_overdue_leads", "schedule": 60.0},
    "tie order papers to their deals": {"task": "crm.link_papers", "schedule": 300.0},
    "tie leads to the deals they became": {"task": "crm.link_leads", "schedule": 300.0},
    "tie lines to their deals": {"task": "crm.link_lines", "schedule": 60.0, "options": {"expires": 60}},
    "value deals at the month's rates": {"task": "crm.refresh_base_amounts", "schedule": 900.0},
    "tell of changes of CRMs that failed": {"task": "crm.tell_of_dead_letters", "schedule": 60.0},
    "tell of silent CRMs": {"task": "crm.sound_silence_alarms", "schedule": 300.0},
    "tell who covers which account": {
        "task": "territories.keep_ownership",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "hand over deals of moved accounts": {
        "task": "territories.hand_over_deals",
        "schedule": crontab(hour=2, minute=30),
    },
    "make credits": {"task": "compensation.credits_nightly", "schedule": crontab(hour=2, minute=50)},
    "keep the contract costs of locked months": {"task": "compensation.contract_months", "schedule": 300.0},
    "tell of late disputes of pay": {"task": "compensation.late_disputes", "schedule": 300.0},
    "settle forecast runs": {"task": "forecasting.settle_runs", "schedule": 30.0},
    "forecast from deals": {
        "task": "forecasting.deals_nightly",
        "schedule": crontab(hour=3, minute=30),
    },
    "remind owners of data sources": {
        "task": "gathering.remind_source_owners",
        "schedule": crontab(hour=7, minute=0),
    },
    "remind owners of tasks": {
        "task": "planning.remind_task_owners",
        "schedule": crontab(hour=7, minute=5),
    },
}


@worker_process_init.connect
def end_with_the_worker(**_: object) -> None:
    """A process of the pool outlives a worker that was killed, and would hold its database locks."""
    follow(os.getppid(), signal.SIGKILL)
