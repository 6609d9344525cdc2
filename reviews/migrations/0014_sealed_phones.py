"""Whole phone numbers go under seal; what is shown and compared is their mask."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from reviews.phones import kept

AT_ONCE = 5_000


def seal_stored_numbers(apps: Any, _editor: BaseDatabaseSchemaEditor) -> None:
    """Those of orders, and of rows that an import is at."""
    for name in ("Order", "StagedRow"):
        model = apps.get_model("reviews", name)
        last = 0
        while rows := list(model.objects.filter(pk__gt=last).exclude(phone="").order_by("pk")[:AT_ONCE]):
            for row in rows:
                row.phone, row.phone_sealed = kept(row.phone)
            model.objects.bulk_update(rows, ["phone", "phone_sealed"])
            last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("reviews", "0013_import_indexes")]

    operations = [
        migrations.AddField("order", "phone_sealed", models.TextField(blank=True, db_default="", default="")),
        migrations.AddField("stagedrow", "phone_sealed", models.TextField(blank=True, db_default="", default="")),
        migrations.RunPython(seal_stored_numbers, migrations.RunPython.noop, elidable=True),
    ]
