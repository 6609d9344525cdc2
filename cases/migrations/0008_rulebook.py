import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TIERS = [("priority", "Priority"), ("general", "General"), ("disputed", "Disputed")]


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_contact_rules"),
        ("reviews", "0013_import_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "subject",
                    models.CharField(
                        choices=[
                            ("tiers", "Tier rules"),
                            ("hours", "Working hours"),
                            ("limits", "Limits"),
                            ("remedies", "Remedy standards"),
                            ("playbook", "Playbook"),
                            ("skills", "Skills and capacity"),
                        ],
                        max_length=10,
                    ),
                ),
                ("topic", models.CharField(blank=True, max_length=40)),
                ("at", models.DateTimeField()),
                ("changes", models.JSONField(default=dict)),
                ("comment", models.TextField(blank=True)),
                ("replaced", models.JSONField(blank=True, null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rule_changes",
                        to="reviews.shop",
                        verbose_name="shop",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of rules",
                "verbose_name_plural": "changes of rules",
                "ordering": ["-at", "-pk"],
                "indexes": [models.Index(fields=["shop", "subject", "-at"], name="rule_change_by_shop")],
            },
        ),
        migrations.CreateModel(
            name="TierRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40)),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="reason shown")),
                ("tier", models.CharField(choices=TIERS, max_length=8, verbose_name="tier")),
                ("is_on", models.BooleanField(default=True, verbose_name="in use")),
                ("conditions", models.JSONField(default=dict)),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tier_rules",
                        to="reviews.shop",
                        verbose_name="shop",
                    ),
                ),
            ],
            options={
                "verbose_name": "tier rule",
                "verbose_name_plural": "tier rules",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("shop", "key"), name="tier_rule_is_unique_in_shop"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RemedyStandard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("quality", "Quality"),
                            ("colour", "Colour and description"),
                            ("courier", "Courier and delivery"),
                            ("service", "Service attitude"),
                            ("price", "Price"),
                            ("other", "Other"),
                        ],
                        max_length=10,
                        verbose_name="cause",
                    ),
                ),
                ("tier", models.CharField(blank=True, choices=TIERS, max_length=8, verbose_name="tier")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("coupon", "Coupon"),
                            ("postage", "Free postage next time"),
                            ("member", "Member level"),
                            ("gift", "Gift"),
                            ("exchange", "Exchange, postage paid"),
                            ("refund", "Refund"),
                        ],
                        max_length=8,
                        verbose_name="remedy",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=10,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="value up to (¥)",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=120, verbose_name="note")),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="remedy_standards",
                        to="reviews.shop",
                        verbose_name="shop",
                    ),
                ),
            ],
            options={
                "verbose_name": "remedy standard",
                "verbose_name_plural": "remedy standards",
                "ordering": ["cause", "tier", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("shop", "cause", "tier", "kind"), name="remedy_standard_is_unique")
                ],
            },
        ),
        migrations.AddField("case", "is_backlog", models.BooleanField(default=False)),
        migrations.AlterField("case", "first_contact_due_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "shoppolicy",
            "backlog_days",
            models.PositiveSmallIntegerField(
                default=30,
                help_text="Cases of older reviews have no clock and are handed to nobody. They wait to be claimed.",
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="days after which a review opens as backlog",
            ),
        ),
        migrations.AlterField(
            "casechange",
            "kind",
            models.CharField(
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
                    ("rules", "Rules changed"),
                ],
                max_length=10,
            ),
        ),
    ]
