from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0015_queue_lists"),
    ]

    operations = [
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
                    ("done", "Remedy handed over"),
                    ("dropped", "Remedy dropped"),
                    ("asked", "Remedy asked for"),
                    ("refused", "Remedy not granted"),
                    ("unasked", "Remedy no longer asked for"),
                    ("reply", "Public reply written"),
                    ("revealed", "Phone number shown"),
                    ("noted", "Note about the buyer"),
                    ("escalated", "Escalated"),
                    ("returned", "Returned to the agent"),
                    ("closed", "Closed"),
                    ("reopened", "Reopened"),
                    ("review", "Review changed"),
                    ("proven", "Proven by an import"),
                    ("unproven", "No longer so"),
                    ("claim", "Claim checked"),
                    ("evidence", "Evidence collected"),
                    ("order", "Order facts arrived"),
                    ("gone", "Confirmed gone"),
                    ("back", "Not gone after all"),
                    ("moved", "Deadline moved"),
                    ("rules", "Rules changed"),
                    ("taken_back", "Taken back"),
                ],
                max_length=10,
            ),
        ),
    ]
