"""The rules of one shop at a glance: tiers, limits, hours, remedy standards, playbooks, and what was changed last."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases.models import Pause, Playbook, RemedyStandard, RuleChange, Shift, ShopPolicy
from cases.rule_history import SHOWN_AT_ONCE
from cases.rulebook.forms.limits import LimitsForm
from cases.rulebook.stated import STARTED_WITH, rules_of
from cases.views.rulebook.tiers import RuleLine
from cases.working_time import DEFAULT_HOURS, spans_in_words
from reviewdesk.access import Role, SignedInRequest, named_pk, role_required
from reviews.causes import TopCause
from reviews.models import Shop

SUBJECTS = (
    RuleChange.Subject.TIERS,
    RuleChange.Subject.LIMITS,
    RuleChange.Subject.REMEDIES,
    RuleChange.Subject.HOURS,
)

DEFAULT_TIMES = spans_in_words(DEFAULT_HOURS.patterns[0].spans)
"""Hours of a shop without shifts of its own."""


@require_safe
@role_required(Role.SUPERVISOR)
def rules(request: SignedInRequest) -> HttpResponse:
    """`shop` names one of the user's shops, else the first of them is shown."""
    shops = list(Shop.objects.visible_to(request.user))
    shop = chosen_shop(shops, request.GET.get("shop", ""))
    written = set(Playbook.objects.values_list("cause", flat=True))
    context: dict[str, Any] = {
        "shops": shops,
        "shop": shop,
        "playbooks": [(cause, cause.value in written) for cause in TopCause],
    }
    if shop:
        context |= {
            "lines": [RuleLine.of(rule, STARTED_WITH.get(rule.key)) for rule in rules_of([shop.pk])[shop.pk]],
            "limits": LimitsForm(policy=ShopPolicy.of(shop), seen=0).limits,
            "shifts": Shift.objects.filter(shop=shop),
            "default_times": DEFAULT_TIMES,
            "pauses": Pause.objects.filter(shop=shop, ends_at__gt=timezone.now()),
            "standards": RemedyStandard.objects.filter(shop=shop),
            "changes": _last_changes(shop),
        }
    return render(request, "cases/rulebook/rules.html", context)


def chosen_shop(shops: list[Shop], wanted: str) -> Shop | None:
    if not wanted:
        return shops[0] if shops else None
    pk = named_pk(wanted)
    for shop in shops:
        if shop.pk == pk:
            return shop
    raise Http404


def _last_changes(shop: Shop) -> QuerySet[RuleChange]:
    changes = RuleChange.objects.filter(shop=shop, subject__in=SUBJECTS).select_related("actor")
    return changes[:SHOWN_AT_ONCE]
