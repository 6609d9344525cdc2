"""History tells apart who corrects causes, who confirms them and who takes a correction back."""

from django.db import migrations, models

KINDS = [
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
    ("remedy", "Remedy agreed"),
    ("reply", "Public reply written"),
    ("escalated", "Escalated"),
    ("returned", "Returned to the agent"),
    ("closed", "Closed"),
    ("reopened", "Reopened"),
    ("review", "Review changed"),
]


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_case_flow")]

    operations = [
        migrations.AlterField(
            model_name="casechange", name="kind", field=models.CharField(choices=KINDS, max_length=10)
        ),
    ]
