from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_working_time")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state__in", ("follow_up", "escalated"))),
                fields=["state", "tier_rank", "closes_at", "id"],
                name="case_queue_of_state",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state", "closed")), fields=["shop", "-closed_at", "-id"], name="case_by_closing"
            ),
        ),
    ]
