"""Saved views of the desk: the menu beside the tabs, and the page where they are kept up."""

from __future__ import annotations

from typing import NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cases import saved_views as service
from cases.flow import Refused
from cases.forms import QueueFilterForm
from cases.models import SavedView
from cases.models.saved_view import LONGEST_NAME
from cases.queues import COUNTED_AT_MOST, count_of, queue_of
from cases.views.queue import Queue
from reviewdesk.access import Role, SignedInRequest, has_role, role_required
from reviews.models import Shop


class NameForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("name"), max_length=LONGEST_NAME)


class ViewForm(NameForm):
    """The name, and for supervisors whose teams see the view."""

    shops = forms.ModelMultipleChoiceField(
        Shop.objects.none(), required=False, label=gettext_lazy("shared with"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, user: User, view: SavedView, data: QueryDict | None = None) -> None:
        initial = {"name": view.name, "shops": [shop.pk for shop in view.shops.all()]}
        super().__init__(data, auto_id=f"view-{view.pk}-%s", initial=initial)
        self.fields["name"].widget.attrs["class"] = "form-control form-control-sm"
        if has_role(user, Role.SUPERVISOR):
            self.fields["shops"].queryset = Shop.objects.visible_to(user)  # type: ignore[attr-defined]
        else:
            del self.fields["shops"]


class ViewRow(NamedTuple):
    """A view with what it shows to the person who asks."""

    view: SavedView
    words: str
    """Its filters."""
    left_out: list[str]
    """What of them filters nothing any more, or not for this person."""
    holds: int
    """Cases in it, as far as they are counted."""
    has_more: bool
    form: ViewForm | None
    """None for the view of somebody else."""
    may_withdraw: bool


@role_required(Role.AGENT)
@require_safe
def menu(request: SignedInRequest) -> HttpResponse:
    """The menu of the queue, with how many cases each view holds."""
    queue = Queue(request, timezone.now())
    for view in queue.views[: service.KEPT_AT_MOST]:
        view.count, view.has_more = _counted(request.user, _form(request.user, view))  # type: ignore[attr-defined]
    return render(request, "cases/_views_menu.html", {"queue": queue})


@role_required(Role.AGENT)
@require_safe
def saved_views(request: SignedInRequest) -> HttpResponse:
    """All views of the person; the address carries the filters of the desk, to be kept or to go back to."""
    queue = Queue(request, timezone.now())
    shown = SavedView.objects.shown_to(request.user).select_related("owner").prefetch_related("shops")
    rows = [_row(view, request.user) for view in shown[: 2 * service.KEPT_AT_MOST]]
    context = {
        "queue": queue,
        "words": in_words(queue.form),
        "own": [row for row in rows if row.form],
        "others": [row for row in rows if not row.form],
        "at_most": service.KEPT_AT_MOST,
    }
    return render(request, "cases/saved_views.html", context)


@role_required(Role.AGENT)
@require_POST
def keep(request: SignedInRequest) -> HttpResponse:
    """Keep the filters of the address under the name of the form, and stay at the desk."""
    form = NameForm(request.POST)
    if form.is_valid():
        filters = QueueFilterForm(request.user, request.GET).filters
        try:
            view = service.keep_view(filters=filters, name=form.cleaned_data["name"], owner=request.user)
            messages.success(request, _("Kept as “%(name)s”.") % {"name": view.name})
        except Refused as refusal:
            messages.warning(request, str(refusal))
    else:
        messages.warning(request, _("Give the view a name of up to %(n)d characters.") % {"n": LONGEST_NAME})
    return redirect(_with_query("cases:desk", request))


@role_required(Role.AGENT)
@require_POST
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    """A new name, and other teams to share it with."""
    view = _shown(request, pk)
    form = ViewForm(request.user, view, request.POST)
    if form.is_valid():
        try:
            service.change_view(
                view=view, name=form.cleaned_data["name"], shops=form.cleaned_data.get("shops"), actor=request.user
            )
            messages.success(request, _("Saved."))
        except Refused as refusal:
            messages.warning(request, str(refusal))
    else:
        messages.warning(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect(_with_query("cases:saved_views", request))


@role_required(Role.AGENT)
@require_POST
def move(request: SignedInRequest, pk: int) -> HttpResponse:
    """Up, or down, by one place."""
    try:
        service.move_view(view=_shown(request, pk), actor=request.user, is_up=request.POST.get("to") == "up")
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect(_with_query("cases:saved_views", request))


@role_required(Role.AGENT)
@require_POST
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    view = _shown(request, pk)
    try:
        service.remove_view(view=view, actor=request.user)
        messages.success(request, _("“%(name)s” is removed.") % {"name": view.name})
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return redirect(_with_query("cases:saved_views", request))


def in_words(form: QueueFilterForm) -> str:
    """The filters in force, in words."""
    filters = form.filters
    told = [str(dict(form.fields["view"].choices)[filters.view])]  # type: ignore[attr-defined]
    for name in ("tier", "cause", "shop", "sort"):
        value = form.cleaned_data.get(name)
        if value and name in form.fields:
            told.append(_label(form.fields[name].choices, value))  # type: ignore[attr-defined]
    if filters.batch:
        told.append(_("Import %(n)d") % {"n": filters.batch})
    if filters.q:
        told.append(_("“%(words)s”") % {"words": filters.q})
    return " · ".join(told)


def _label(choices: object, value: object) -> str:
    """The label of `value` in flat or grouped `choices`."""
    flat: dict[object, object] = {}
    for key, label in choices:  # type: ignore[attr-defined]
        flat |= dict(label) if isinstance(label, list) else {key: label}
    return str(flat.get(value, value))


def _row(view: SavedView, user: User) -> ViewRow:
    form = _form(user, view)
    count, has_more = _counted(user, form)
    own = ViewForm(user, view) if view.owner_id == user.pk else None
    withdraw = service.may_withdraw(view, user)
    return ViewRow(view, in_words(form), form.left_out, count, has_more, own, withdraw)


def _form(user: User, view: SavedView) -> QueueFilterForm:
    return QueueFilterForm(user, QueryDict(view.query))


def _counted(user: User, form: QueueFilterForm) -> tuple[int, bool]:
    count = count_of(queue_of(user, form.filters))
    return min(count, COUNTED_AT_MOST), count > COUNTED_AT_MOST


def _shown(request: SignedInRequest, pk: int) -> SavedView:
    shown = SavedView.objects.shown_to(request.user).select_related("owner")
    return get_object_or_404(shown, pk=pk)


def _with_query(name: str, request: HttpRequest) -> str:
    query = request.GET.urlencode()
    return f"{reverse(name)}?{query}" if query else reverse(name)
