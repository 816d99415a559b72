"""What core's resources look like in the API, and what may be sent. No logic."""

from rest_framework import serializers

from core.models import ApiToken, Channel, Comment, Event, Job, Notification, Person
from core.roles import Role
from core.selectors.jobs import percent_of, time_left


class PersonSerializer(serializers.ModelSerializer):
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices))

    class Meta:
        model = Person
        fields = [
            "id",
            "email",
            "name",
            "job_title",
            "roles",
            "is_active",
            "joined",
            "last_login",
            "revision",
        ]


class PersonInput(serializers.Serializer):
    email = serializers.EmailField()
    name = serializers.CharField(max_length=120)
    job_title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices))
    is_active = serializers.BooleanField(required=False)
    password = serializers.CharField(required=False, help_text="Only when adding; without it, OpenID only.")
    revision = serializers.IntegerField(required=False, help_text="Needed to change.")


class EventSerializer(serializers.ModelSerializer):
    actor_name = serializers.CharField(source="actor.name", default="", read_only=True)

    class Meta:
        model = Event
        fields = [
            *("id", "at", "actor", "actor_name", "verb", "subject_type", "subject_id", "subject_label"),
            *("before", "after", "reason"),
        ]


class JobListSerializer(serializers.ModelSerializer):
    percent = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = [
            *("id", "kind", "label", "state", "done", "total", "percent", "step", "error", "attempts"),
            *("cancel_asked", "requested_by", "subject_url", "created", "started", "heartbeat", "finished"),
        ]

    def get_percent(self, job: Job) -> int | None:
        return percent_of(job)


class JobSerializer(JobListSerializer):
    time_left = serializers.SerializerMethodField()

    class Meta(JobListSerializer.Meta):
        fields = [*JobListSerializer.Meta.fields, "time_left", "params", "result", "log"]

    def get_time_left(self, job: Job) -> str:
        return time_left(job)


class NotificationSerializer(serializers.ModelSerializer):
    class Meta:
        model = Notification
        fields = ["id", "title", "text", "url", "created", "read_at"]


class CommentSerializer(serializers.ModelSerializer):
    author_name = serializers.CharField(source="author.name", read_only=True)

    class Meta:
        model = Comment
        fields = [
            *("id", "subject_type", "subject_id", "subject_label", "author", "author_name", "text"),
            *("created", "edited", "deleted", "revision"),
        ]


class CommentInput(serializers.Serializer):
    subject_type = serializers.CharField(max_length=60)
    subject_id = serializers.CharField(max_length=60)
    text = serializers.CharField(max_length=5000)


class CommentChange(serializers.Serializer):
    text = serializers.CharField(max_length=5000)
    revision = serializers.IntegerField()


class TokenSerializer(serializers.ModelSerializer):
    class Meta:
        model = ApiToken
        fields = ["token_key", "label", "created", "last_used", "expiry"]


class TokenInput(serializers.Serializer):
    label = serializers.CharField(max_length=80)  # type: ignore[assignment]


class NewTokenSerializer(TokenSerializer):
    key = serializers.CharField(help_text="Shown only in this answer.")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "key"]


class ChannelSerializer(serializers.ModelSerializer):
    class Meta:
        model = Channel
        fields = ["id", "label", "person", "is_active", "last_error", "revision"]


class ChannelInput(serializers.Serializer):
    label = serializers.CharField(max_length=80)  # type: ignore[assignment]
    url = serializers.CharField(max_length=500, write_only=True)
    person = serializers.PrimaryKeyRelatedField(
        queryset=Person.objects.all(), required=False, allow_null=True
    )
    is_active = serializers.BooleanField(required=False)
    revision = serializers.IntegerField(required=False, help_text="Needed to change.")


class SettingSerializer(serializers.Serializer):
    key = serializers.CharField(source="setting.key")
    label = serializers.CharField(source="setting.label")  # type: ignore[assignment]
    kind = serializers.CharField(source="setting.kind")
    unit = serializers.CharField(source="setting.unit")
    dated = serializers.BooleanField(source="setting.dated")
    help = serializers.CharField(source="setting.help")
    value = serializers.JSONField()
    since = serializers.DateField(allow_null=True)
    is_default = serializers.BooleanField()
    revision = serializers.IntegerField()


class SettingInput(serializers.Serializer):
    value = serializers.JSONField()
    from_day = serializers.DateField(required=False, allow_null=True)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300)
    revision = serializers.IntegerField()


class SentSerializer(serializers.Serializer):
    error = serializers.CharField(allow_blank=True, help_text="Empty when the message left.")


class CountSerializer(serializers.Serializer):
    marked = serializers.IntegerField()
