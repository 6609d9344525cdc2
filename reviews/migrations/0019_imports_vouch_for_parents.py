"""The keys of reviews and orders to what an import knows to be there lose their constraints: see docs/imports.md."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0018_lines_from_imports"),
    ]

    operations = [
        migrations.AlterField(
            model_name="order",
            name="batch",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="created_orders",
                to="reviews.importbatch",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="shop",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="orders",
                to="reviews.shop",
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="batch",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="created_reviews",
                to="reviews.importbatch",
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="product",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="reviews",
                to="reviews.product",
                verbose_name="product",
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="shop",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reviews",
                to="reviews.shop",
                verbose_name="shop",
            ),
        ),
    ]
