"""People, what they did, what runs for them, and what they are told."""

from typing import ClassVar

import pghistory
import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from knox.models import AbstractAuthToken

from core.roles import Role


class Revised(models.Model):
    """A row that people edit: a save with an old revision is refused (core.editing)."""

    revision = models.PositiveIntegerField(default=1, editable=False)

    secret_fields: ClassVar[frozenset[str]] = frozenset()  # never written to the event log

    class Meta:
        abstract = True


class PersonManager(BaseUserManager["Person"]):
    """People are made and found by their e-mail address, without regard to upper and lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "Person":
        """A saved person; without a password nobody can sign in as them."""
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> "Person":
        """The person with this address. Raises Person.DoesNotExist."""
        return self.get(email=(username or "").strip().lower())


@pghistory.track(exclude=["password", "last_login"])
class Person(AbstractBaseUser, Revised):
    """Somebody, or some program, that signs in by e-mail address."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    job_title = models.CharField(max_length=120, blank=True, default="")
    roles = ArrayField(models.CharField(max_length=30, choices=Role.choices), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False, help_text="A demo sign-in: refused in production.")
    mail_notifications = models.BooleanField(default=True)
    joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = PersonManager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="person_email_is_lower_case"),
            models.CheckConstraint(
                condition=Q(roles__contained_by=Role.values), name="person_roles_are_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role_labels(self) -> str:
        """The roles as people read them, separated by commas."""
        return ", ".join(Role(role).label for role in self.roles)


class ApiToken(AbstractAuthToken):
    """A key for programs. Only its hash is stored; the key is shown once."""

    label = models.CharField(max_length=80)
    last_used = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created"]


@pgtrigger.register(
    pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
    pgtrigger.Trigger(
        name="never_truncated",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'The event log is append-only.';",
    ),
)
class Event(models.Model):
    """What happened, once and for ever. Written by services in the transaction of the change."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(Person, models.PROTECT, null=True, related_name="events")
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    subject_label = models.CharField(max_length=200, blank=True, default="")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="event_by_subject"),
            models.Index(fields=["actor", "-id"], name="event_by_actor"),
            models.Index(fields=["verb", "-id"], name="event_by_verb"),
            models.Index(fields=["-at"], name="event_by_time"),
            GinIndex(fields=["subject_label"], opclasses=["gin_trgm_ops"], name="event_label_trigrams"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_label}"


class JobState(models.TextChoices):
    """How far a job is."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Job(models.Model):
    """The truth about long work; Celery only carries it. See core.jobs for its life."""

    kind = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    params = models.JSONField(default=dict)
    input_hash = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    step = models.CharField(max_length=200, blank=True, default="")
    log = ArrayField(models.TextField(), default=list)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    claim = models.UUIDField(null=True, help_text="Which run of the task owns the job now.")
    requested_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="jobs")
    subject_url = models.CharField(max_length=300, blank=True, default="")
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True)
    heartbeat = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_is_known"),
            models.CheckConstraint(condition=Q(done__gte=0, total__gte=0), name="job_counts_are_positive"),
            models.UniqueConstraint(
                fields=["kind", "input_hash"],
                condition=Q(state__in=["queued", "running"]) & ~Q(input_hash=""),
                name="job_same_work_only_once_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["state", "heartbeat"], name="job_by_state")]

    def __str__(self) -> str:
        return self.label

    @property
    def is_over(self) -> bool:
        """Whether nothing happens to it any more, however it ended."""
        return self.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


class Notification(models.Model):
    """One message to one person: in the application, and by mail where they want it."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="notifications")
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True, default="")
    url = models.CharField(max_length=300, blank=True, default="")
    created = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True, help_text="When it left by mail and channels.")
    sent_to = ArrayField(models.CharField(max_length=20), default=list, help_text="What arrived already.")
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person", "-id"], condition=Q(read_at=None), name="notification_unread"),
            models.Index(fields=["id"], condition=Q(sent_at=None), name="notification_unsent"),
        ]

    def __str__(self) -> str:
        return self.title


@pghistory.track(exclude=["url"])
class Channel(Revised):
    """An apprise address (Slack, Teams, …) that repeats the notifications of one person or all."""

    label = models.CharField(max_length=80, unique=True)
    url = models.CharField(max_length=500)
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="channels")
    is_active = models.BooleanField(default=True)
    last_error = models.CharField(max_length=300, blank=True, default="")

    secret_fields = frozenset({"url"})

    class Meta:
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label


@pghistory.track()
class Comment(Revised):
    """What somebody said about any object. Deleting leaves a tombstone."""

    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    subject_label = models.CharField(max_length=200)
    subject_url = models.CharField(max_length=300)
    author = models.ForeignKey(Person, models.PROTECT, related_name="comments")
    text = models.TextField()
    mentions = models.ManyToManyField(Person, related_name="mentioned_in", blank=True)
    created = models.DateTimeField(auto_now_add=True)
    edited = models.DateTimeField(null=True, blank=True)
    deleted = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="comment_by_subject")]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="comment_has_text")]

    def __str__(self) -> str:
        return self.text[:60]


@pghistory.track()
class CompanySetting(Revised):
    """A company-wide value that holds over a range of days (core.company lists the keys)."""

    key = models.CharField(max_length=60)
    value = models.JSONField()
    valid = DateRangeField()

    class Meta:
        ordering = ["key", "valid"]
        constraints = [
            ExclusionConstraint(
                name="company_setting_has_one_value_a_day",
                expressions=[(F("key"), RangeOperators.EQUAL), (F("valid"), RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return self.key.replace("_", " ").capitalize()
