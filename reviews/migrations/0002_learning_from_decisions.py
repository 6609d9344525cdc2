import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0001_review_flow"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ClassifierVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True, verbose_name="number")),
                ("based_on", models.CharField(max_length=30, verbose_name="shipped weights")),
                ("layer", models.BinaryField()),
                ("strength", models.FloatField()),
                ("decisions", models.PositiveIntegerField(verbose_name="decisions")),
                ("last_decision", models.BigIntegerField()),
                ("figures", models.JSONField(default=dict)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("challenger", "Waiting to be promoted"),
                            ("champion", "In force"),
                            ("retired", "Set aside"),
                            ("rejected", "Rejected"),
                        ],
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("decisions", "No better on the decisions of people."),
                            ("validation", "Worse on the shipped validation data."),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                ("fitted_at", models.DateTimeField(verbose_name="fitted")),
            ],
            options={
                "verbose_name": "classifier version",
                "verbose_name_plural": "classifier versions",
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "champion")), fields=("status",), name="one_champion"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ChampionChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("shipped", models.CharField(max_length=30)),
                ("at", models.DateTimeField()),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "replaced",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reviews.classifierversion",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reviews.classifierversion",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="FittingRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("requested_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("fitted", "A new version was fitted."),
                            ("too_few", "There are too few decisions to learn from."),
                            ("nothing_new", "Nothing was decided since the last version."),
                            ("failed", "It stopped unexpectedly."),
                        ],
                        max_length=11,
                    ),
                ),
                ("decisions", models.PositiveIntegerField(default=0)),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="reviews.classifierversion",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="CauseDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("decided_at", models.DateTimeField()),
                ("model_version", models.CharField(blank=True, max_length=40)),
                ("said_by_model", models.JSONField(default=list)),
                ("decided", models.JSONField(default=list)),
                ("is_withdrawn", models.BooleanField(default=False)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cause_decisions", to="reviews.review"
                    ),
                ),
            ],
            options={
                "verbose_name": "decision on causes",
                "verbose_name_plural": "decisions on causes",
                "indexes": [
                    models.Index(fields=["review", "-id"], name="decision_by_review"),
                    models.Index(fields=["-decided_at"], name="decision_by_date"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TagRefresh",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("requested_at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[("running", "Running"), ("done", "Done"), ("failed", "Failed")],
                        default="running",
                        max_length=7,
                    ),
                ),
                ("error", models.CharField(blank=True, max_length=200)),
                ("version", models.CharField(max_length=40)),
                ("position", models.BigIntegerField(default=0)),
                ("total", models.PositiveIntegerField(null=True)),
                ("done", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("cases_opened", models.PositiveIntegerField(default=0)),
                ("beat_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "running")), fields=("status",), name="one_refresh_at_a_time"
                    )
                ],
            },
        ),
    ]
