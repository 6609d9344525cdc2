from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0007_import_samples_and_pace"),
    ]

    operations = [
        migrations.AddField(
            model_name="importbatch",
            name="first_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="last_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
