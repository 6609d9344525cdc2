"""Settings. What differs between installations comes from the environment and is listed in the README."""

from __future__ import annotations

import os
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from reviewdesk import embedded, env, sealing

# Processes are as many as cores, and matrices small: threads of arithmetic would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("REVIEWDESK_VAR", str(BASE_DIR / "var"))).resolve()

DEBUG = env.flag("DEBUG", True)
SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured("SECRET_KEY must be set where DEBUG is off.")
    SECRET_KEY = "insecure-key-for-a-machine-of-ones-own"  # noqa: S105
PHONE_KEYS = sealing.checked(env.words("PHONE_KEYS"))
"""Keys that seal phone numbers, the newest first: that one seals, the others only open what they sealed."""
if not PHONE_KEYS:
    if not DEBUG:
        raise ImproperlyConfigured("PHONE_KEYS must be set where DEBUG is off.")
    PHONE_KEYS = [sealing.key_from(SECRET_KEY)]
PHONE_KEPT_DAYS = env.number("PHONE_KEPT_DAYS", 30)
BUYER_NOTE_KEPT_DAYS = env.number("BUYER_NOTE_KEPT_DAYS", 365)
IMPORT_FILE_KEPT_DAYS = env.number("IMPORT_FILE_KEPT_DAYS", 90)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]" if DEBUG else "")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

# Without URLs the servers that come with the Python packages run under var/ (see embedded.py).
DATABASE_URL = env.text("DATABASE_URL")
REDIS_URL = env.text("REDIS_URL")
EMBEDDED = not (DATABASE_URL and REDIS_URL)
if EMBEDDED and not (DEBUG or env.flag("REVIEWDESK_EMBEDDED", False)):
    raise ImproperlyConfigured(
        "DATABASE_URL and REDIS_URL must be set where DEBUG is off. "
        "REVIEWDESK_EMBEDDED=1 says that this one machine is meant to run its own servers."
    )
SERVERS = embedded.Servers(VAR_DIR, postgres=not DATABASE_URL, redis=not REDIS_URL)

DATABASES = {
    "default": dj_database_url.parse(DATABASE_URL or SERVERS.database_url, conn_max_age=600, conn_health_checks=True)
}
RQ_QUEUES = {name: {"URL": REDIS_URL or SERVERS.redis_url} for name in ("default", "sweeps")}
RQ = {"COMMIT_MODE": "on_db_commit"}
SCHEDULE = {
    "reviews.jobs.resume_stalled_imports": 60,
    "reviews.jobs.clear_given_up_imports": 3600,
    "reviews.jobs.forget_import_files": 24 * 3600,
    "reviews.jobs.resume_stalled_refresh": 60,
    "reviews.jobs.make_searchable": 60,
    "reviews.jobs.count_stale_days": 60,
    "reviews.jobs.learn_daily": 24 * 3600,
    "cases.jobs.assign_waiting_cases": 60,
    "cases.jobs.move_windows_on": 60,
    "cases.jobs.resume_following": 60,
    "cases.jobs.tell_of_clocks": 60,
    "cases.jobs.resume_bulk_acts": 60,
    "cases.jobs.forget_old_notices": 24 * 3600,
    "cases.jobs.forget_buyer_data": 24 * 3600,
    "cases.jobs.forget_bulk_acts": 24 * 3600,
}
"""Import path of a job -> seconds between its runs."""
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL or SERVERS.redis_url,
        "KEY_PREFIX": "cache",
    }
}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_rq",
    "reviews",
    "cases",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "reviewdesk.language.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "cases.presence.PresenceMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "reviewdesk.urls"
WSGI_APPLICATION = "reviewdesk.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.i18n",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reviewdesk.shell.shell",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    },
]
FIXTURE_DIRS = [BASE_DIR / "fixtures"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTHENTICATION_BACKENDS = ["reviewdesk.access.DemoAwareBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "start"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "reviewdesk.formats"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = None if DEBUG else VAR_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = DEBUG
STORAGES = {
    "default": {
        "BACKEND": env.text("UPLOAD_STORAGE", "django.core.files.storage.FileSystemStorage"),
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}
MEDIA_ROOT = env.text("UPLOAD_DIR", str(VAR_DIR / "uploads"))
UPLOAD_LIMIT_MB = env.number("UPLOAD_LIMIT_MB", 1024)
ATTACHMENT_LIMIT_MB = env.number("ATTACHMENT_LIMIT_MB", 10)
ATTACHMENTS_A_CONTACT = env.number("ATTACHMENTS_A_CONTACT", 6)
AWAY_AFTER_MINUTES = env.number("AWAY_AFTER_MINUTES", 15)
PUSH_REQUESTS_A_MINUTE = env.number("PUSH_REQUESTS_A_MINUTE", 120)
SITE_URL = env.text("SITE_URL").rstrip("/")
NOTICE_TRUSTED_HOSTS = env.words("NOTICE_TRUSTED_HOSTS")
FILE_UPLOAD_HANDLERS = ["reviewdesk.uploads.DiskUploadHandler"]

if not DEBUG:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.flag("HTTPS_ONLY", True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", 3600)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO").upper()},
    "loggers": {"jieba": {"level": "WARNING"}, "rq": {"level": "WARNING"}, "urllib3": {"level": "WARNING"}},
}
