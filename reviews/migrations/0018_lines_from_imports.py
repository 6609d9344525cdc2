"""Imports tell the lines of products; what stood there until now was chosen by a person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0017_reading_code"),
    ]

    operations = [
        migrations.AddField(
            model_name="product",
            name="is_line_chosen",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Then imports leave it alone, an empty one too; take the mark off to let them fill it again.",
                verbose_name="line chosen by a person",
            ),
        ),
        migrations.AddField(
            model_name="stagedrow",
            name="product_line",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
        migrations.RunSQL(
            "UPDATE reviews_product SET is_line_chosen = true WHERE line <> ''", migrations.RunSQL.noop, elidable=True
        ),
    ]
