"""Phrases of the shops and who changed them; causes that these found have no probability."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0003_uncertain_causes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="reviewcause",
            name="score",
            field=models.FloatField(null=True),
        ),
        migrations.AlterField(
            model_name="reviewcause",
            name="source",
            field=models.CharField(
                choices=[("model", "Model"), ("person", "Person"), ("words", "Shop's word")],
                default="model",
                max_length=6,
            ),
        ),
        migrations.CreateModel(
            name="ShopPhrase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=40, verbose_name="phrase")),
                ("normal", models.CharField(max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sign", "Sign of the cause"),
                            ("no_sign", "No sign of the cause"),
                            ("word", "Just a word"),
                        ],
                        default="sign",
                        max_length=8,
                        verbose_name="meaning",
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("quality.defect", "Broken or flawed"),
                            ("quality.workmanship", "Material and workmanship"),
                            ("quality.counterfeit", "Suspected fake or used"),
                            ("quality.performance", "Performance, effect, taste"),
                            ("colour.shade", "Colour differs"),
                            ("colour.size", "Size or specification differs"),
                            ("colour.description", "Not as pictured or described"),
                            ("courier.slow", "Slow transport"),
                            ("courier.damage", "Damaged in transit, poor packing"),
                            ("courier.staff", "Delivery staff"),
                            ("courier.dispatch", "Late dispatch, out of stock"),
                            ("courier.wrong_item", "Wrong or missing item"),
                            ("service.attitude", "Rude or indifferent"),
                            ("service.unresponsive", "No reply"),
                            ("service.refusal", "Evades or refuses returns"),
                            ("service.promise", "Broken promise, gift or invoice"),
                            ("price.expensive", "Too expensive for what it is"),
                            ("price.drop", "Price dropped after purchase"),
                            ("price.fee", "Unexpected fee"),
                            ("other", "Other"),
                        ],
                        max_length=30,
                        verbose_name="cause",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("is_active", models.BooleanField(default=True, verbose_name="switched on")),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="phrases",
                        to="reviews.shop",
                        verbose_name="shop",
                    ),
                ),
            ],
            options={
                "verbose_name": "phrase",
                "verbose_name_plural": "phrases",
                "ordering": ["normal", "cause", "pk"],
            },
        ),
        migrations.CreateModel(
            name="PhraseChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("changes", models.JSONField()),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "phrase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="reviews.shopphrase"
                    ),
                ),
            ],
            options={
                "verbose_name": "change of a phrase",
                "verbose_name_plural": "changes of phrases",
                "ordering": ["-pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="shopphrase",
            constraint=models.UniqueConstraint(
                fields=("shop", "normal", "cause"), name="phrase_once_per_shop_and_cause"
            ),
        ),
        migrations.AddConstraint(
            model_name="shopphrase",
            constraint=models.UniqueConstraint(
                condition=models.Q(("shop__isnull", True)), fields=("normal", "cause"), name="phrase_once_for_all_shops"
            ),
        ),
        migrations.AddConstraint(
            model_name="shopphrase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cause", ""), ("kind", "word")),
                    models.Q(models.Q(("kind", "word"), _negated=True), models.Q(("cause", ""), _negated=True)),
                    _connector="OR",
                ),
                name="only_a_word_has_no_cause",
            ),
        ),
    ]
