import datetime

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import cases.models.attachment


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0006_notices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="contactentry",
            name="direction",
            field=models.CharField(
                choices=[("outgoing", "We to the buyer"), ("incoming", "The buyer to us")],
                default="outgoing",
                max_length=8,
                verbose_name="direction",
            ),
        ),
        migrations.AddField(
            model_name="contactentry",
            name="duration_seconds",
            field=models.PositiveIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MaxValueValidator(14400)],
                verbose_name="length of the talk (seconds)",
            ),
        ),
        migrations.AddField(
            model_name="shoppolicy",
            name="calls_a_day",
            field=models.PositiveSmallIntegerField(
                default=2,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="calls to a buyer within 24 hours",
            ),
        ),
        migrations.AddField(
            model_name="shoppolicy",
            name="calls_a_week",
            field=models.PositiveSmallIntegerField(
                default=4,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="calls to a buyer within 7 days",
            ),
        ),
        migrations.AddField(
            model_name="shoppolicy",
            name="messages_a_day",
            field=models.PositiveSmallIntegerField(
                default=4,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="other contacts with a buyer within 24 hours",
            ),
        ),
        migrations.AddField(
            model_name="shoppolicy",
            name="messages_a_week",
            field=models.PositiveSmallIntegerField(
                default=10,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="other contacts with a buyer within 7 days",
            ),
        ),
        migrations.AddField(
            model_name="shoppolicy",
            name="quiet_ends",
            field=models.TimeField(default=datetime.time(9, 0), verbose_name="quiet hours end"),
        ),
        migrations.AddField(
            model_name="shoppolicy",
            name="quiet_starts",
            field=models.TimeField(
                default=datetime.time(21, 0),
                help_text="No calls or text messages in the quiet hours. Where they start as they end, there are none.",
                verbose_name="quiet hours start",
            ),
        ),
        migrations.AlterField(
            model_name="casechange",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "Opened"),
                    ("assigned", "Assigned"),
                    ("claimed", "Claimed"),
                    ("released", "Released"),
                    ("tier", "Tier chosen"),
                    ("causes", "Causes corrected"),
                    ("confirmed", "Causes confirmed"),
                    ("withdrawn", "Correction taken back"),
                    ("step", "Step done"),
                    ("contact", "Contact logged"),
                    ("no_phone", "Not to be phoned"),
                    ("may_phone", "May be phoned again"),
                    ("exception", "One contact beyond the limits"),
                    ("remedy", "Remedy agreed"),
                    ("reply", "Public reply written"),
                    ("escalated", "Escalated"),
                    ("returned", "Returned to the agent"),
                    ("closed", "Closed"),
                    ("reopened", "Reopened"),
                    ("review", "Review changed"),
                    ("order", "Order facts arrived"),
                    ("gone", "Confirmed gone"),
                    ("back", "Not gone after all"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="ContactAttachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("image/jpeg", "JPEG"),
                            ("image/png", "PNG"),
                            ("image/webp", "WebP"),
                            ("image/gif", "GIF"),
                            ("application/pdf", "PDF"),
                        ],
                        max_length=15,
                        verbose_name="type",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="file name")),
                (
                    "file",
                    models.FileField(
                        max_length=200, upload_to=cases.models.attachment.unguessable_name, verbose_name="file"
                    ),
                ),
                (
                    "thumbnail",
                    models.FileField(blank=True, max_length=200, upload_to=cases.models.attachment.thumbnail_name),
                ),
                ("bytes", models.PositiveIntegerField(verbose_name="size")),
                ("sha256", models.CharField(max_length=64)),
                ("sent_sha256", models.CharField(max_length=64)),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="cases.contactentry",
                        verbose_name="contact",
                    ),
                ),
            ],
            options={
                "verbose_name": "attachment",
                "verbose_name_plural": "attachments",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="ContactRuling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="time")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("no_phone", "Not to be phoned"),
                            ("may_phone", "May be phoned again"),
                            ("exception", "One contact beyond the limits"),
                        ],
                        max_length=9,
                        verbose_name="decision",
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("answers", models.JSONField(default=list)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contact_rulings", to="cases.case"
                    ),
                ),
            ],
            options={
                "verbose_name": "contact ruling",
                "verbose_name_plural": "contact rulings",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="contactentry",
            name="exception",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entry",
                to="cases.contactruling",
            ),
        ),
    ]
