from datetime import time
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DEFAULT = (time(9), time(22))


def keep_own_days(apps: Any, schema_editor: Any) -> None:
    """A shop whose working day was not the default one gets it as a shift."""
    shift = apps.get_model("cases", "Shift")
    policies = apps.get_model("cases", "ShopPolicy").objects.all()
    shift.objects.bulk_create(
        shift(
            shop_id=policy.shop_id, name="Working hours", spans=[[minutes(policy.day_starts), minutes(policy.day_ends)]]
        )
        for policy in policies
        if (policy.day_starts, policy.day_ends) != DEFAULT
    )


def minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0013_valuable_order_rule"),
        ("reviews", "0001_review_flow"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Pause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField(verbose_name="from")),
                ("ends_at", models.DateTimeField(verbose_name="until")),
                ("reason", models.CharField(max_length=120, verbose_name="reason")),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pauses",
                        to="reviews.shop",
                        verbose_name="shop",
                    ),
                ),
            ],
            options={
                "verbose_name": "pause",
                "verbose_name_plural": "pauses",
                "ordering": ["starts_at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="pause_ends_after_it_starts"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                (
                    "days",
                    models.CharField(
                        choices=[
                            ("every", "Every day"),
                            ("working", "Working days (public holidays off, make-up days on)"),
                            ("rest", "Days off (weekends and public holidays, not make-up days)"),
                            ("weekdays", "Chosen days of the week, holidays or not"),
                        ],
                        default="every",
                        max_length=8,
                        verbose_name="days",
                    ),
                ),
                ("weekdays", models.JSONField(blank=True, default=list, verbose_name="days of the week")),
                ("spans", models.JSONField(verbose_name="times")),
                (
                    "agents",
                    models.ManyToManyField(
                        blank=True,
                        related_name="shifts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="people expected",
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shifts",
                        to="reviews.shop",
                        verbose_name="shop",
                    ),
                ),
            ],
            options={
                "verbose_name": "shift",
                "verbose_name_plural": "shifts",
                "ordering": ["pk"],
                "constraints": [models.UniqueConstraint(fields=("shop", "name"), name="shift_has_its_name_in_shop")],
            },
        ),
        migrations.RunPython(keep_own_days, migrations.RunPython.noop),
        migrations.RemoveField("shoppolicy", "day_starts"),
        migrations.RemoveField("shoppolicy", "day_ends"),
    ]
