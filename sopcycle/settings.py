"""Settings, read from the environment. docs/settings.md lists every variable.

Without DATABASE_URL and REDIS_URL the embedded servers in the state folder are used
(sopcycle/embedded/). MODE is `demo`, `test` or `production`; only `demo` has demo sign-ins.
"""

from pathlib import Path
from urllib.parse import unquote

import environ
import pghistory
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from sopcycle.embedded.addresses import database_url, redis_url

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- mode and secrets -------------------------------------------------------------------------

MODE = env.str("SOPCYCLE_MODE", "demo")
if MODE not in {"demo", "test", "production"}:
    raise ImproperlyConfigured(f"SOPCYCLE_MODE is {MODE!r}; use demo, test or production.")

DEFAULT_SECRET = "only-for-demo-on-this-machine"  # noqa: S105 - refused in production below
SECRET_KEY = env.str("SECRET_KEY", DEFAULT_SECRET)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
if MODE == "production" and (SECRET_KEY == DEFAULT_SECRET or len(SECRET_KEY) < 50):
    raise ImproperlyConfigured(
        "SECRET_KEY is missing, the default or shorter than 50 characters. "
        "Set it to a long random value before starting in production."
    )

DEBUG = False
DEMO = MODE == "demo"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
STATE_DIR = Path(env.str("SOPCYCLE_STATE", str(BASE_DIR / "var")))

# --- applications -----------------------------------------------------------------------------

ROOMS = [
    "core",
    "catalog",
    "crm",
    "gathering",
    "territories",
    "forecasting",
    "compensation",
    "planning",
    "dashboards",
    "demo",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "template_partials",
    "csp",
    "pgtrigger",
    "pghistory",
    "django_linear_migrations",
    *ROOMS,
]

MIDDLEWARE = [
    "crm.views.hooks.HookDoor",  # deliveries of CRMs need nothing of what follows
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "core.middleware.ReadOnce",
    "core.middleware.CompanyTime",
    "core.middleware.Refusals",
]

ROOT_URLCONF = "sopcycle.urls"
WSGI_APPLICATION = "sopcycle.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.page",
            ],
            "builtins": ["core.templatetags.sopcycle"],
        },
    }
]

# --- database, cache, queue -------------------------------------------------------------------

DATABASES = {"default": env.db_url_config(env.str("DATABASE_URL", "") or database_url(STATE_DIR))}
DATABASES["default"]["HOST"] = unquote(DATABASES["default"]["HOST"])  # a socket's folder is %2F…
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "") or redis_url(STATE_DIR)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"db": 2},  # emptying the cache must not empty the queue
    }
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
# Deals do not wait behind the hundred tasks of a long forecast: a free process takes from the queues in turn.
CELERY_TASK_QUEUES = (Queue("celery"), Queue("inbox"))
CELERY_TASK_ROUTES = {"crm.drain_inbox": {"queue": "inbox"}, "crm.release_parked_events": {"queue": "inbox"}}

# --- people -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "core.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboards:home"
ACCOUNT_ADAPTER = "core.accounts.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "core.accounts.SocialAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "sopcycle"

OPENID_CONNECT_URL = env.str("OPENID_CONNECT_URL", "")
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "company",
                "name": env.str("OPENID_CONNECT_NAME", "company account"),
                "client_id": env.str("OPENID_CONNECT_CLIENT_ID", ""),
                "secret": env.str("OPENID_CONNECT_SECRET", ""),
                "settings": {"server_url": OPENID_CONNECT_URL},
            }
        ]
        if OPENID_CONNECT_URL
        else []
    }
}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True

# --- messages ---------------------------------------------------------------------------------

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "sopcycle@localhost")
PUBLIC_URL = env.str("PUBLIC_URL", f"http://127.0.0.1:{env.str('PORT', '8000')}")

# --- API --------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "core.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.DeclaredAction"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.NumberedPages",
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "core.api.ordering.StableOrdering",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "core.api.parsers.WholeTextParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.errors.error_response",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "6000/min"},  # stops a program gone wild, not a busy one
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "sopcycle",
    "DESCRIPTION": "The monthly sales and operations planning cycle. Every page's work, by API.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "JobStateEnum": "core.models.JobState",
        "MarketKindEnum": "catalog.models.places.MarketKind",
        "SiteKindEnum": "catalog.models.places.SiteKind",
        "DealStageKindEnum": "crm.models.StageKind",
        "ForecastCategoryEnum": "crm.models.ForecastCategory",
        "DeliveryStateEnum": "crm.models.DeliveryState",
        "InboxEventStateEnum": "crm.models.EventState",
        "ValueKindEnum": "crm.models.ValueKind",
        "DifferenceKindEnum": "crm.models.DifferenceKind",
        "DifferenceStateEnum": "crm.models.DifferenceState",
        "LeadStateEnum": "crm.models.LeadState",
        "PaperKindEnum": "crm.models.PaperKind",
        "PaperStateEnum": "crm.models.PaperState",
        "TerritoryModelStateEnum": "territories.models.ModelState",
        "TerritoryTypeEnum": "territories.models.TerritoryType",
        "PinKindEnum": "territories.models.PinKind",
        "PlacedByEnum": "territories.models.PlacedBy",
        "PayRunStateEnum": "compensation.models.RunState",
        "CreditBasisEnum": "compensation.models.Basis",
        "CreditKindEnum": "compensation.models.CreditKind",
        "CreditRuleKindEnum": "compensation.api.credit_shapes.RULE_KINDS",
        "CreditGetterEnum": "compensation.models.Getter",
        "CancellationKindEnum": "compensation.models.CancellationKind",
        "PlanAcceptanceStateEnum": "compensation.api.builder_shapes.STATES",
        "PayStudyStateEnum": "compensation.models.StudyState",
        "RealignmentStateEnum": "territories.models.ScenarioState",
        "SolveEndingEnum": "territories.models.SolveEnding",
        "RealignmentMoveEnum": "territories.api.scenario_shapes.MOVE_NAMES",
        "AccountChangeEnum": "territories.api.scenario_shapes.DOINGS",
        "QuotaStateEnum": "territories.models.QuotaState",
        "QuotaMeasureEnum": "territories.models.QuotaMeasure",
        "QuotaSeasonalityEnum": "territories.models.Seasonality",
        "QuotaTargetSourceEnum": "territories.models.TargetSource",
        "QuotaChangeStateEnum": "territories.models.ChangeState",
        "ForecastMethodEnum": "forecasting.models.pins.METHODS",
        "StudyKindEnum": "forecasting.models.pins.StudyKind",
        "MonthSaidEnum": "forecasting.models.MonthSaid",
        "ImportStateEnum": "gathering.models.imports.ImportState",
        "MappingKindEnum": "gathering.models.imports.MappingKind",
        "LineKindEnum": "gathering.models.facts.LineKind",
        "NoteKindEnum": "gathering.models.notes.NoteKind",
        "IssueStateEnum": "gathering.models.quality.IssueState",
        "SourceStateEnum": "gathering.models.sources.SourceState",
        "StageNameEnum": "planning.models.StageName",
        "GapKindEnum": "planning.models.GapKind",
        "ScenarioChangeKindEnum": "planning.engine.scenario.KINDS",
        "StreamNameEnum": "planning.models.StreamName",
        "SpeakingStreamEnum": "planning.api.demand_shapes.SPEAKING",
        "InputKindEnum": "planning.models.InputKind",
        "PipelineKindEnum": "planning.models.PipelineKind",
        "PipelineChancesEnum": "planning.models.PipelineChances",
        "CoverageRoleKindEnum": "territories.models.RoleKind",
        "OwnershipCauseEnum": "territories.models.ChangeCause",
        "DealMethodEnum": "forecasting.models.DealMethod",
        "WorthBasisEnum": "forecasting.models.WorthBasis",
        "ReasonCodeEnum": "planning.models.ReasonCode",
        "DemandEventKindEnum": "planning.models.DemandEventKind",
        "AccuracyBasisEnum": "planning.models.AccuracyBasis",
        "StreamStateEnum": ["open", "submitted", "waived"],
        "FamilyReviewStateEnum": ["undecided", "attention", "reviewed"],
        "VerdictEnum": "planning.models.releases.Verdict",
        "BackToStageEnum": "planning.api.approvals.BACK_TO",
        "ContradictionKindEnum": "planning.api.reconciliation.GAP_KINDS",
        "PlanningStageEnum": "planning.api.machine.STAGE_CHOICES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.with_errors",
    ],
}
REST_KNOX = {"TOKEN_TTL": None, "AUTO_REFRESH": False}

# --- pages and security -----------------------------------------------------------------------

FILTERS_EMPTY_CHOICE_LABEL = "Any"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if MODE == "production"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = MODE != "production"
MEDIA_ROOT = Path(env.str("SOPCYCLE_FILES", str(STATE_DIR / "files")))

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # the button that leads to the identity provider is a form, and its redirect counts
        "form-action": [SELF, *filter(None, [OPENID_CONNECT_URL])],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = MODE == "production"
SECURE_SSL_REDIRECT = MODE == "production" and env.bool("SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz/$"]  # asked by supervisors and proxies over plain HTTP
SECURE_HSTS_SECONDS = 31_536_000 if MODE == "production" else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = MODE == "production"
if env.bool("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_MEMORY_SIZE = 10_485_760
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", 4 * 1024**3)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING")},
}
KNOX_TOKEN_MODEL = "core.ApiToken"  # noqa: S105 - a model's name
MIGRATION_MODULES = {"knox": None}  # its own table would stand beside ours, empty

# Tracked tables keep every version of a row; pghistory's triggers write them, raw SQL included.
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(related_name="history")
PGHISTORY_APPEND_ONLY = True
