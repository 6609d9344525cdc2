"""The working hours of a shop: its shifts and pauses, and what changing one does to the clocks that run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.clocks.moving import Effect, effect_of
from cases.clocks.pace import pace_of
from cases.models import Pause, RuleChange, Shift
from cases.rule_history import last_changes
from cases.rulebook.editing import ChangedMeanwhile, Edit, state_of
from cases.rulebook.forms.hours import PauseForm, ShiftForm
from cases.rulebook.hours import remove_pause, remove_shift, save_pause, save_shift, write_pause, write_shift
from cases.views.rulebook.rules import DEFAULT_TIMES, chosen_shop
from cases.working_time import KNOWN_UNTIL
from reviewdesk.access import Role, SignedInRequest, role_required
from reviews.models import Shop

HOURS = RuleChange.Subject.HOURS
PAST_SHOWN = timedelta(days=30)
LOOK_AHEAD = timedelta(days=60)
"""So long before the calendar ends the page says so."""


@require_safe
@role_required(Role.SUPERVISOR)
def hours(request: SignedInRequest) -> HttpResponse:
    """`shop` names one of the user's shops, else the first of them is shown."""
    shops = list(Shop.objects.visible_to(request.user))
    shop = chosen_shop(shops, request.GET.get("shop", ""))
    now = timezone.now()
    context: dict[str, object] = {"shops": shops, "shop": shop, "known_until": KNOWN_UNTIL}
    if shop:
        context |= {
            "shifts": Shift.objects.filter(shop=shop).prefetch_related("agents"),
            "default_times": DEFAULT_TIMES,
            "pauses": [(pause, pause.ends_at <= now) for pause in _recent_pauses(shop, now)],
            "is_running": pace_of(shop).hours.runs_at(now),
            "is_beyond": timezone.localtime(now + LOOK_AHEAD).year > KNOWN_UNTIL,
            "changes": last_changes(shop=shop, subject=HOURS),
        }
    return render(request, "cases/rulebook/hours.html", context)


def _recent_pauses(shop: Shop, now: datetime) -> QuerySet[Pause]:
    return Pause.objects.filter(shop=shop, ends_at__gt=now - PAST_SHOWN)


class _Subject(NamedTuple):
    """A shift or a pause at hand: its form, and what saving and removing it means; None where nothing is kept yet."""

    shop: Shop
    form: ShiftForm | PauseForm
    kept: Shift | Pause | None
    write: Callable[[], object]
    save: Callable[[Edit], RuleChange | None]
    remove: Callable[[Edit], object]


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.SUPERVISOR)
def add_shift(request: SignedInRequest, shop_pk: int) -> HttpResponse:
    """POST `do`: `preview` shows the effect, `save` keeps the shift."""
    return _edit_shift(request, _shop(request, shop_pk), None)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.SUPERVISOR)
def shift(request: SignedInRequest, pk: int) -> HttpResponse:
    """POST `do` as above; `foresee` shows what removing does, `remove` does it."""
    kept = get_object_or_404(Shift.objects.select_related("shop"), pk=pk)
    return _edit_shift(request, _shop(request, kept.shop_id), kept)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.SUPERVISOR)
def add_pause(request: SignedInRequest, shop_pk: int) -> HttpResponse:
    """As `add_shift`."""
    return _edit_pause(request, _shop(request, shop_pk), None)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.SUPERVISOR)
def pause(request: SignedInRequest, pk: int) -> HttpResponse:
    """As `shift`."""
    kept = get_object_or_404(Pause.objects.select_related("shop"), pk=pk)
    return _edit_pause(request, _shop(request, kept.shop_id), kept)


def _edit_shift(request: SignedInRequest, shop: Shop, kept: Shift | None) -> HttpResponse:
    form = ShiftForm(request.POST or None, shop=shop, shift=kept, seen=state_of(shop=shop, subject=HOURS))
    subject = _Subject(
        shop,
        form,
        kept,
        write=lambda: write_shift(shop, kept, form.draft),
        save=lambda edit: save_shift(shop=shop, shift=kept, draft=form.draft, edit=edit),
        remove=lambda edit: kept and remove_shift(shift=kept, edit=edit),
    )
    return _edit(request, subject)


def _edit_pause(request: SignedInRequest, shop: Shop, kept: Pause | None) -> HttpResponse:
    form = PauseForm(request.POST or None, pause=kept, seen=state_of(shop=shop, subject=HOURS))
    subject = _Subject(
        shop,
        form,
        kept,
        write=lambda: write_pause(shop, kept, form.draft),
        save=lambda edit: save_pause(shop=shop, pause=kept, draft=form.draft, edit=edit),
        remove=lambda edit: kept and remove_pause(pause=kept, edit=edit),
    )
    return _edit(request, subject)


def _edit(request: SignedInRequest, subject: _Subject) -> HttpResponse:
    form, kept = subject.form, subject.kept
    if request.method != "POST":
        return _page(request, subject)
    do = request.POST.get("do", "")
    try:
        if kept and do == "remove" and form.edit_is_valid():
            subject.remove(form.edit_of(request.user))
            messages.success(request, _("“%(name)s” is removed. The running clocks follow.") % {"name": kept})
            return _back(subject.shop)
        if kept and do == "foresee":
            stored = type(kept)._default_manager.filter(pk=kept.pk)
            return _page(request, subject, effect=_effect(subject.shop, stored.delete), is_removal=True)
        if not form.is_valid():
            return _page(request, subject, status=422)
        if do == "save":
            change = subject.save(form.edit_of(request.user))
            told = (
                _("The working hours are changed. The running clocks follow.") if change else _("Nothing was changed.")
            )
            messages.success(request, told)
            return _back(subject.shop)
    except ChangedMeanwhile as meanwhile:
        form.tell(meanwhile)
        return _page(request, subject, status=409)
    return _page(request, subject, effect=_effect(subject.shop, subject.write))


def _effect(shop: Shop, change: Callable[[], object]) -> Effect:
    return effect_of(change, shop=shop, now=timezone.now())


def _page(
    request: SignedInRequest,
    subject: _Subject,
    *,
    status: int = 200,
    effect: Effect | None = None,
    is_removal: bool = False,
) -> HttpResponse:
    context = {
        "shop": subject.shop,
        "form": subject.form,
        "kept": subject.kept,
        "is_shift": isinstance(subject.form, ShiftForm),
        "effect": effect,
        "is_removal": is_removal,
        "changes": last_changes(shop=subject.shop, subject=HOURS),
    }
    return render(request, "cases/rulebook/hours_form.html", context, status=status)


def _shop(request: SignedInRequest, pk: int) -> Shop:
    """Raises Http404 for a shop the person does not belong to."""
    return get_object_or_404(Shop.objects.visible_to(request.user), pk=pk)


def _back(shop: Shop) -> HttpResponseRedirect:
    return redirect(f"{reverse('cases:hours')}?shop={shop.pk}")
