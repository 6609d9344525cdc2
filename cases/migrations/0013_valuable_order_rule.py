from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

STARTED_WITH = 300
"""Yuan; shops that keep to it need no rule of their own."""


def amounts_to_rules(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    policy_model: Any = apps.get_model("cases", "ShopPolicy")
    policies = policy_model.objects.exclude(valuable_order=STARTED_WITH)
    apps.get_model("cases", "TierRule").objects.bulk_create(
        apps.get_model("cases", "TierRule")(
            shop_id=policy.shop_id,
            key="valuable",
            tier="priority",
            conditions={"amount_from": str(policy.valuable_order)},
        )
        for policy in policies
    )


def rules_to_amounts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for rule in apps.get_model("cases", "TierRule").objects.filter(key="valuable"):
        amount = rule.conditions.get("amount_from", STARTED_WITH)
        policy_model: Any = apps.get_model("cases", "ShopPolicy")
        policy_model.objects.update_or_create(shop_id=rule.shop_id, defaults={"valuable_order": amount})


class Migration(migrations.Migration):
    """The amount from which an order is a valuable one is part of the tier rules now."""

    dependencies = [("cases", "0012_buyer_notes")]

    operations = [
        migrations.RunPython(amounts_to_rules, rules_to_amounts),
        migrations.RemoveField("shoppolicy", "valuable_order"),
    ]
