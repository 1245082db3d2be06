"""A Django project's settings, as far as they are about caches."""

import os

import tenondb.redis

# The line that is new: `tenon://` URLs from now on.
tenondb.redis.install()

STORE = os.environ.get("STORE", "tenon://memory/django")

SECRET_KEY = "for tests"
INSTALLED_APPS = ["django.contrib.sessions"]
DATABASES: dict[str, dict[str, str]] = {}
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
USE_TZ = True

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": f"{STORE}?db=0",
    },
    "django-redis": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": f"{STORE}?db=1",
    },
}
