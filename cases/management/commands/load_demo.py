from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.demo.loading import is_loaded, load_demo


class Command(BaseCommand):
    help = "Load the demo's shops, accounts and exports, unless they are there. Refused where DEBUG is off."

    def handle(self, **_options: object) -> None:
        if is_loaded():
            return
        if not settings.DEBUG:
            raise CommandError("The demo has public passwords and is refused where DEBUG is off.")
        load_demo(now=timezone.now())
        self.stdout.write("Demo loaded: its exports are being imported by the worker.")
