import django.db.models.functions.comparison
from django.db import migrations, models

IN_QUEUE = ["tier_rank", "closes_at", "id"]

KEPT_ANEW = """
update cases_case set window_at = opened_at where state <> 'closed';
update cases_case set explained_at = reply.written_at
from cases_publicreply reply where reply.case_id = cases_case.id;
"""
"""An open case stands by a window long closed, so that the next run of `move_windows_on` gives it the right one."""


def in_queue(name: str, *first: str) -> migrations.AddIndex:
    open_ones = models.Q(("state", "closed"), _negated=True)
    return migrations.AddIndex("case", models.Index(condition=open_ones, fields=[*first, *IN_QUEUE], name=name))


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_questions_requests_and_proof")]

    operations = [
        migrations.AddField("case", "explained_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("case", "window_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "case",
            "window_by",
            models.CharField(
                blank=True,
                choices=[
                    ("edit", "Review can be changed"),
                    ("explanation", "Explanation can be written"),
                    ("follow_up", "Buyer can follow up"),
                    ("virtual_phone", "Virtual number valid"),
                ],
                max_length=13,
            ),
        ),
        migrations.RunSQL(KEPT_ANEW, migrations.RunSQL.noop),
        migrations.AddField(
            "case",
            "tier_rank",
            models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(answered_at__isnull=False, then=models.Value(-1)),
                    models.When(tier="priority", then=models.Value(0)),
                    models.When(tier="disputed", then=models.Value(1)),
                    default=models.Value(2),
                ),
                output_field=models.SmallIntegerField(),
            ),
        ),
        migrations.AddField(
            "case",
            "closes_at",
            models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(
                        models.Q(("state", "closed"), _negated=True),
                        then=django.db.models.functions.comparison.Least("due_at", "window_at"),
                    )
                ),
                output_field=models.DateTimeField(null=True),
            ),
        ),
        migrations.RemoveIndex("case", "case_queue_of_owner"),
        migrations.RemoveIndex("case", "case_queue_of_shop"),
        in_queue("case_queue_of_owner", "owner"),
        in_queue("case_queue_of_shop", "shop"),
        in_queue("case_queue"),
    ]
