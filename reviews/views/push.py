"""Tokens for programs that push reviews, and how such a program is written."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from reviewdesk.access import Role, SignedInRequest, role_required
from reviews.forms.push import TokenForm
from reviews.ingest.reading.presets import Field
from reviews.models import PushToken, Shop
from reviews.push.bodies import BODY_MB, ITEM_LIMIT
from reviews.push.schemas import FIELD_TYPES
from reviews.push.tokens import NameTaken, create_token, revoke_token


class FieldRow(NamedTuple):
    name: str
    meaning: str
    types: str


@role_required(Role.ADMIN)
@never_cache
def push(request: SignedInRequest) -> HttpResponse:
    """The tokens and the guide; POST makes a token and shows its secret, this once."""
    shops = Shop.objects.visible_to(request.user)
    form = TokenForm(request.POST if request.method == "POST" else None, shops=shops)
    new, secret = None, ""
    if form.is_valid():
        try:
            new, secret = create_token(
                shop=form.cleaned_data["shop"], name=form.cleaned_data["name"], actor=request.user, now=timezone.now()
            )
            form = TokenForm(shops=shops)
        except NameTaken:
            form.add_error(
                "name", _("The shop has a token of this name. Revoke that one first, or choose another name.")
            )
    context = {
        "form": form,
        "new": new,
        "secret": secret,
        "tokens": PushToken.objects.filter(shop__in=shops).select_related("shop", "created_by", "revoked_by"),
        "address": request.build_absolute_uri(reverse("push:reviews")),
        "fields": _fields(),
        "item_limit": ITEM_LIMIT,
        "body_mb": BODY_MB,
    }
    return render(request, "reviews/push.html", context, status=422 if form.errors else 200)


@role_required(Role.ADMIN)
@require_POST
def revoke(request: SignedInRequest, pk: int) -> HttpResponse:
    shops = Shop.objects.visible_to(request.user)
    token = get_object_or_404(PushToken, pk=pk, shop__in=shops)
    revoke_token(token=token, actor=request.user, now=timezone.now())
    messages.success(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
    return redirect("reviews:push")


def _fields() -> list[FieldRow]:
    rows = []
    for field in Field:
        types = FIELD_TYPES[field]["type"]
        rows.append(FieldRow(field.value, str(field.label), types if isinstance(types, str) else " / ".join(types)))
    return rows
