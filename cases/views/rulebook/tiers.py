"""One tier rule of a shop: what it would do to the open cases, and keeping it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.models import RuleChange, TierRule
from cases.priority import Conditions, Rules, StatedRule, Tier
from cases.rule_history import last_changes
from cases.rulebook.editing import ChangedMeanwhile, state_of
from cases.rulebook.forms.tiers import TierRuleForm
from cases.rulebook.reranking import effect_of
from cases.rulebook.stated import STARTED_WITH, in_words, rule_name, rules_of, with_own, without
from cases.rulebook.tiers import new_key, remove_rule, save_rule
from reviewdesk.access import Role, SignedInRequest, role_required
from reviews.models import Shop

TIERS = RuleChange.Subject.TIERS


class RuleLine(NamedTuple):
    """A rule as the table shows it."""

    key: str
    name: str
    conditions: str
    tier: Tier
    is_on: bool
    is_changed: bool
    """It replaces one that every shop starts with."""
    is_own: bool

    @classmethod
    def of(cls, rule: StatedRule, started_with: StatedRule | None) -> RuleLine:
        return cls(
            rule.key,
            rule_name(rule),
            in_words(rule.conditions),
            rule.tier,
            rule.is_on,
            started_with is not None and rule != started_with,
            started_with is None,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.SUPERVISOR)
def add_tier_rule(request: SignedInRequest, shop_pk: int) -> HttpResponse:
    """POST `do`: `preview` shows the effect, `save` keeps the rule."""
    shop = get_object_or_404(Shop.objects.visible_to(request.user), pk=shop_pk)
    start = StatedRule(key=new_key(), tier=Tier.PRIORITY, conditions=Conditions())
    return _edit(request, shop, start, rules_of([shop.pk])[shop.pk])


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.SUPERVISOR)
def tier_rule(request: SignedInRequest, shop_pk: int, key: str) -> HttpResponse:
    """POST `do`: `preview` and `save` as above; `remove` takes away what the shop itself wrote."""
    shop = get_object_or_404(Shop.objects.visible_to(request.user), pk=shop_pk)
    rules = rules_of([shop.pk])[shop.pk]
    start = next((rule for rule in rules if rule.key == key), None)
    if start is None:
        raise Http404
    return _edit(request, shop, start, rules)


def _edit(request: SignedInRequest, shop: Shop, start: StatedRule, rules: Rules) -> HttpResponse:
    seen = state_of(shop=shop, subject=TIERS, topic=start.key)
    form = TierRuleForm(request.POST or None, start=start, seen=seen)
    if request.method != "POST":
        return _page(request, shop, form)
    do = request.POST.get("do", "")
    try:
        if do == "remove" and form.edit_is_valid():
            return _back(request, shop, remove_rule(shop=shop, key=start.key, edit=form.edit_of(request.user)))
        if do == "foresee":
            return _page(request, shop, form, effect=effect_of(shop, without(start.key, rules)), is_removal=True)
        if not form.is_valid():
            return _page(request, shop, form, status=422)
        if do == "save":
            return _back(request, shop, save_rule(shop=shop, rule=form.rule, edit=form.edit_of(request.user)))
    except ChangedMeanwhile as meanwhile:
        form.tell(meanwhile)
        return _page(request, shop, form, status=409)
    except TierRule.DoesNotExist:
        raise Http404 from None
    return _page(request, shop, form, effect=effect_of(shop, with_own([form.rule], rules)))


def _page(
    request: SignedInRequest, shop: Shop, form: TierRuleForm, *, status: int = 200, **effect: Any
) -> HttpResponse:
    key = form.start.key
    context = {
        "shop": shop,
        "form": form,
        "rule": RuleLine.of(form.start, STARTED_WITH.get(key)) if form.start.conditions != Conditions() else None,
        "changes": last_changes(shop=shop, subject=TIERS, topic=key),
        **effect,
    }
    return render(request, "cases/rulebook/tier_rule.html", context, status=status)


def _back(request: SignedInRequest, shop: Shop, change: RuleChange | None) -> HttpResponseRedirect:
    if change is None:
        messages.info(request, _("Nothing was changed."))
    else:
        messages.success(request, _("The tier rules are changed. The open cases are ranked by them."))
    return redirect(f"{reverse('cases:rules')}?shop={shop.pk}")
