"""Daily totals of reviews, the marks of days that changed since, and the views that put both together.

Columns that a view reads cannot change their type: whoever alters one drops the views first (`DROP_VIEWS`) and makes
them again.
"""

# ruff: noqa: S608 - only names of our own columns are put into SQL text.

import django.db.models.deletion
from django.db import migrations, models

DAY = "(reviewed_at AT TIME ZONE 'Asia/Shanghai')::date"
"""The day a review belongs to: `settings.TIME_ZONE`, which a test compares."""
COUNTED = "shop_id, product_id, reviewed_at, rating, stars, is_negative, withdrawn_at"
"""Columns of a review that figures hang on."""

MARK_DAYS = f"""
CREATE FUNCTION reviews_mark_days_of_reviews() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reviews_staleday (shop_id, day) SELECT DISTINCT shop_id, {DAY} FROM changed;
    RETURN NULL;
END $$;
CREATE FUNCTION reviews_mark_days_of_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reviews_staleday (shop_id, day)
    SELECT shop_id, {DAY} FROM (
        (SELECT id, {COUNTED} FROM before EXCEPT SELECT id, {COUNTED} FROM changed)
        UNION ALL
        (SELECT id, {COUNTED} FROM changed EXCEPT SELECT id, {COUNTED} FROM before)
    ) AS different
    GROUP BY 1, 2;
    RETURN NULL;
END $$;
CREATE FUNCTION reviews_mark_days_of_causes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reviews_staleday (shop_id, day)
    SELECT DISTINCT shop_id, {DAY} FROM reviews_review WHERE id IN (SELECT review_id FROM changed);
    RETURN NULL;
END $$;

CREATE TRIGGER mark_days_after_insert AFTER INSERT ON reviews_review
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reviews_mark_days_of_reviews();
CREATE TRIGGER mark_days_after_delete AFTER DELETE ON reviews_review
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reviews_mark_days_of_reviews();
CREATE TRIGGER mark_days_after_update AFTER UPDATE ON reviews_review
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION reviews_mark_days_of_changes();
CREATE TRIGGER mark_days_after_insert AFTER INSERT ON reviews_reviewcause
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reviews_mark_days_of_causes();
CREATE TRIGGER mark_days_after_delete AFTER DELETE ON reviews_reviewcause
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reviews_mark_days_of_causes();
CREATE TRIGGER mark_days_after_update AFTER UPDATE ON reviews_reviewcause
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION reviews_mark_days_of_causes();
"""
FORGET_MARKS = """
DROP TRIGGER mark_days_after_insert ON reviews_review;
DROP TRIGGER mark_days_after_delete ON reviews_review;
DROP TRIGGER mark_days_after_update ON reviews_review;
DROP TRIGGER mark_days_after_insert ON reviews_reviewcause;
DROP TRIGGER mark_days_after_delete ON reviews_reviewcause;
DROP TRIGGER mark_days_after_update ON reviews_reviewcause;
DROP FUNCTION reviews_mark_days_of_reviews, reviews_mark_days_of_changes, reviews_mark_days_of_causes;
"""

# The days are compared twice: as ranges an index finds the reviews of a few days, as equals one pass sorts those of many.
REVIEWS_OF_STALE_DAYS = f"""
(SELECT DISTINCT shop_id, day FROM reviews_staleday) AS stale
JOIN reviews_review AS review ON review.shop_id = stale.shop_id AND {DAY} = stale.day
    AND review.reviewed_at >= stale.day::timestamp AT TIME ZONE 'Asia/Shanghai'
    AND review.reviewed_at < (stale.day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
    AND review.withdrawn_at IS NULL
"""
VIEWS = f"""
CREATE VIEW reviews_ratingcount AS
SELECT shop_id, day, negative, rated, good
FROM reviews_ratingtotal AS total
WHERE NOT EXISTS (SELECT FROM reviews_staleday AS stale WHERE stale.shop_id = total.shop_id AND stale.day = total.day)
UNION ALL
SELECT stale.shop_id, stale.day,
    count(*) FILTER (WHERE is_negative),
    count(*) FILTER (WHERE rating <> '' OR stars IS NOT NULL),
    count(*) FILTER (WHERE rating = 'good' OR (rating = '' AND stars >= 4))
FROM {REVIEWS_OF_STALE_DAYS}
GROUP BY stale.shop_id, stale.day;

CREATE VIEW reviews_causecount AS
SELECT shop_id, day, product_id, code, reviews, "primary"
FROM reviews_causetotal AS total
WHERE NOT EXISTS (SELECT FROM reviews_staleday AS stale WHERE stale.shop_id = total.shop_id AND stale.day = total.day)
UNION ALL
SELECT stale.shop_id, stale.day, product_id, named.code, count(*), count(*) FILTER (WHERE named.is_first)
FROM {REVIEWS_OF_STALE_DAYS}
CROSS JOIN LATERAL (
    SELECT '' AS code, false AS is_first
    UNION ALL
    SELECT code, rank = 0 FROM reviews_reviewcause WHERE review_id = review.id
    UNION ALL
    (SELECT DISTINCT split_part(code, '.', 1), false FROM reviews_reviewcause
     WHERE review_id = review.id AND code LIKE '%.%')
) AS named
WHERE is_negative
GROUP BY stale.shop_id, stale.day, product_id, named.code;
"""
DROP_VIEWS = "DROP VIEW reviews_ratingcount, reviews_causecount;"

COUNT_ALL = f"INSERT INTO reviews_staleday (shop_id, day) SELECT DISTINCT shop_id, {DAY} FROM reviews_review;"


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0019_imports_vouch_for_parents"),
    ]

    operations = [
        migrations.CreateModel(
            name="CauseCount",
            fields=[
                ("day", models.DateField()),
                ("code", models.CharField(max_length=30)),
                ("reviews", models.PositiveIntegerField()),
                ("primary", models.PositiveIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "shop", "day", "code", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={
                "db_table": "reviews_causecount",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="RatingCount",
            fields=[
                ("day", models.DateField()),
                ("negative", models.PositiveIntegerField()),
                ("rated", models.PositiveIntegerField()),
                ("good", models.PositiveIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "shop", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={
                "db_table": "reviews_ratingcount",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="CauseTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("code", models.CharField(max_length=30)),
                ("reviews", models.PositiveIntegerField()),
                ("primary", models.PositiveIntegerField()),
                (
                    "product",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="reviews.product",
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="reviews.shop",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("shop", "day", "product", "code"), name="cause_total_of_a_day", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RatingTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("negative", models.PositiveIntegerField()),
                ("rated", models.PositiveIntegerField()),
                ("good", models.PositiveIntegerField()),
                (
                    "shop",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="reviews.shop",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("shop", "day"), name="rating_total_of_a_day")],
            },
        ),
        migrations.CreateModel(
            name="StaleDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                (
                    "shop",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="reviews.shop",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["shop", "day"], name="stale_day")],
            },
        ),
        migrations.RunSQL(VIEWS, DROP_VIEWS),
        migrations.RunSQL(MARK_DAYS, FORGET_MARKS),
        migrations.RunSQL(COUNT_ALL, migrations.RunSQL.noop),
    ]
