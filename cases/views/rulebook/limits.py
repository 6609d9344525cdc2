"""The limits and the remedy standards of a shop."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.clocks.moving import effect_of
from cases.models import RemedyStandard, RuleChange, ShopPolicy
from cases.rule_history import last_changes
from cases.rulebook.editing import ChangedMeanwhile, state_of
from cases.rulebook.forms.limits import LimitsForm
from cases.rulebook.forms.standards import StandardsForm
from cases.rulebook.limits import save_limits, write_limits
from cases.rulebook.standards import save_standards
from reviewdesk.access import Role, SignedInRequest, role_required
from reviews.models import Shop

LIMITS, REMEDIES = RuleChange.Subject.LIMITS, RuleChange.Subject.REMEDIES


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.SUPERVISOR)
def limits(request: SignedInRequest, shop_pk: int) -> HttpResponse:
    """POST `do`: `preview` shows what the running clocks would do, anything else keeps the limits."""
    shop = get_object_or_404(Shop.objects.visible_to(request.user), pk=shop_pk)
    seen = state_of(shop=shop, subject=LIMITS)
    form = LimitsForm(request.POST or None, policy=ShopPolicy.of(shop), seen=seen)
    context: dict[str, object] = {"shop": shop, "form": form, "changes": last_changes(shop=shop, subject=LIMITS)}
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                if request.POST.get("do") != "preview":
                    edit = form.edit_of(request.user)
                    return _back(request, shop, save_limits(shop=shop, values=form.values, edit=edit))
                write = partial(write_limits, shop, form.values)
                context["effect"] = effect_of(write, shop=shop, now=timezone.now())
                status = 200
            except ValidationError as error:
                form.add_error(None, error)
            except ChangedMeanwhile as meanwhile:
                form.tell(meanwhile)
                status = 409
    return render(request, "cases/rulebook/limits.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.SUPERVISOR)
def standards(request: SignedInRequest, shop_pk: int) -> HttpResponse:
    shop = get_object_or_404(Shop.objects.visible_to(request.user), pk=shop_pk)
    lines = list(RemedyStandard.objects.filter(shop=shop))
    form = StandardsForm(request.POST or None, lines=lines, seen=state_of(shop=shop, subject=REMEDIES))
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            kept, edit = form.table.standards, form.edit_of(request.user)
            try:
                return _back(request, shop, save_standards(shop=shop, standards=kept, edit=edit))
            except ChangedMeanwhile as meanwhile:
                form.tell(meanwhile)
                status = 409
    context = {"shop": shop, "form": form, "changes": last_changes(shop=shop, subject=REMEDIES)}
    return render(request, "cases/rulebook/standards.html", context, status=status)


def _back(request: SignedInRequest, shop: Shop, change: RuleChange | None) -> HttpResponseRedirect:
    if change is None:
        messages.info(request, _("Nothing was changed."))
    else:
        messages.success(request, _("%(what)s: the change is kept.") % {"what": change.get_subject_display()})
    return redirect(f"{reverse('cases:rules')}?shop={shop.pk}")
