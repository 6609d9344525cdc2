from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0019_rule_following")]

    operations = [
        migrations.RemoveIndex("case", "case_by_closing"),
        migrations.AddIndex(
            "case",
            models.Index(condition=models.Q(("state", "closed")), fields=["-closed_at", "-id"], name="case_by_closing"),
        ),
        migrations.AddIndex(
            "case",
            models.Index(condition=models.Q(("outcome", "reported")), fields=["closed_at", "id"], name="case_reported"),
        ),
    ]
