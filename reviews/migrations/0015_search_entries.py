import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import reviews.models.searching

CREATE = """
create function character_pairs(told text) returns bigint[] language sql immutable strict parallel safe cost 10000 as $$
    select array_agg(distinct ascii(first)::bigint << 21 | ascii(second))
    from (select string_to_array(told, null)) as spelt(letters),
        unnest(letters[:cardinality(letters) - 1], letters[2:]) as pair(first, second)
$$
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0014_sealed_phones")]

    operations = [
        migrations.RunSQL(CREATE, "drop function character_pairs(text)"),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "review",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_entry",
                        serialize=False,
                        to="reviews.review",
                    ),
                ),
                ("text", models.TextField()),
                ("order_number", models.CharField(blank=True, db_collation="C", max_length=40)),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="reviews.product",
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        reviews.models.searching.CharacterPairs("text"), name="entry_by_pairs"
                    ),
                    models.Index(fields=["order_number"], name="entry_by_order"),
                    models.Index(fields=["product"], name="entry_by_product"),
                ],
            },
        ),
        migrations.AddField(
            model_name="importbatch",
            name="searchable_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
