"""Indexes of what somebody should look at: few among many, so the list to check never reads the rest.

Decisions keep what they replace, so that they can be taken back.
"""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("reviews", "0002_learning_from_decisions")]

    operations = [
        migrations.AddIndex(
            model_name="reviewcause",
            index=models.Index(
                fields=["review", "code"], condition=Q(source="model", score__lt=0.6), name="cause_uncertain"
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                fields=["-reviewed_at", "-id"],
                condition=Q(is_negative=True, causes_decided_at__isnull=True),
                name="review_undecided",
            ),
        ),
        migrations.AddField(model_name="causedecision", name="replaced", field=models.JSONField(default=list)),
    ]
