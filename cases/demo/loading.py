"""Sets the demo up: shops, products, people, playbooks, then its exports through the same door as any upload."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files import File
from django.core.management import call_command
from django.db import transaction

from cases.models import Playbook
from reviewdesk import queue
from reviews import demo
from reviews.ingest.reception import receive_file
from reviews.ingest.running import queue_import
from reviews.models import ImportBatch, Product, Shop

from .people import create_accounts

PAST_JOB = "cases.jobs.live_through_demo"


def is_loaded() -> bool:
    return Shop.objects.filter(code__in=demo.FORMS).exists()


def load_demo(*, now: datetime) -> None:
    """Everything at once, or nothing. The worker imports the exports and then lives through the demo's past."""
    with transaction.atomic():
        if not Playbook.objects.exists():
            call_command("loaddata", "playbooks", verbosity=0)
        shops = {shop["code"]: Shop.objects.create(**shop) for shop in demo.shops()}
        Product.objects.bulk_create(
            Product(
                shop=shops[product["shop"]],
                title=product["title"],
                item_id=product["item_id"],
                is_promoted=product["is_promoted"],
            )
            for product in demo.products()
        )
        create_accounts(now=now)
        admin = User.objects.get(username="admin1")
        for code, path in demo.write_exports(settings.VAR_DIR / "demo", now=now).items():
            with path.open("rb") as file:
                batch = receive_file(
                    shop=shops[code],
                    file=File(file, name=path.name),
                    uploaded_by=admin,
                    source=ImportBatch.Source.COMMAND,
                )
            queue_import(batch.pk)
        queue.enqueue(PAST_JOB)
