import django.db.models.functions.comparison
from django.db import migrations, models

IN_QUEUE = ["tier_rank", "closes_at", "id"]

KEPT_ANEW = """
update cases_case set explained_at = reply.written_at
from cases_publicreply reply where reply.case_id = cases_case.id;

update cases_case set window_at = next.closes_at, window_by = coalesce(next.name, '')
from cases_case standing
join reviews_review review on review.id = standing.review_id
join reviews_shop shop on shop.id = review.shop_id
left join reviews_order bought
    on bought.shop_id = review.shop_id and bought.number = review.order_number and review.order_number <> ''
left join lateral (
    select name, closes_at
    from (values
        ('edit', case when shop.platform = 'taobao' then review.reviewed_at + interval '30 days' end),
        ('explanation', case when review.reply = '' and standing.explained_at is null
            then least(review.append_at, review.reviewed_at + interval '30 days') end),
        ('virtual_phone', coalesce(bought.completed_at, review.reviewed_at) + interval '15 days')
    ) as ends (name, closes_at)
    where closes_at > now()
    order by closes_at, name
    limit 1
) next on true
where standing.id = cases_case.id and standing.state <> 'closed';
"""
"""What `cases.clocks.windows` keeps from here on, for the cases that are open already: all of them in one statement."""


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
