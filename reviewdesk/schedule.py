"""What runs by the clock; `manage.py rqcron reviewdesk.schedule` reads it. The entries stand in settings.SCHEDULE."""

from django.conf import settings
from django.utils.module_loading import import_string
from rq import cron

from reviewdesk import queue

for job, seconds in settings.SCHEDULE.items():
    cron.register(import_string(job), queue_name=queue.SWEEPS, interval=seconds, job_timeout=seconds * 10)
