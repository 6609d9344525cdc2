"""The WSGI entry point gunicorn serves."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewdesk.settings")
settings.SERVERS.ensure_running()
application = get_wsgi_application()
