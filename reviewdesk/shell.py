"""What every page shows around its content: the rail and the header."""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reviewdesk.access import RANK, Role, role_of


class Place(NamedTuple):
    """An entry of the rail; `prefix` is the start of the paths that belong to it."""

    url_name: str
    label: str | Promise
    icon: str
    role: Role
    prefix: str


PLACES = (
    Place("cases:desk", _("Desk"), "desk", Role.AGENT, "/desk/"),
    Place("cases:pending", _("Pending"), "check", Role.AGENT, "/pending/"),
    Place("reviews:reviews", _("Reviews"), "reviews", Role.AGENT, "/reviews/"),
    Place("cases:statistics", _("Statistics"), "statistics", Role.SUPERVISOR, "/statistics/"),
    Place("cases:team", _("Team"), "team", Role.SUPERVISOR, "/team/"),
    Place("reviews:model", _("Model"), "model", Role.SUPERVISOR, "/model/"),
    Place("cases:rules", _("Rules"), "filter", Role.SUPERVISOR, "/settings/"),
    Place("reviews:words", pgettext_lazy("place", "Words"), "words", Role.ADMIN, "/words/"),
    Place("reviews:imports", _("Imports"), "imports", Role.ADMIN, "/imports/"),
    Place("admin:index", _("Settings"), "settings", Role.ADMIN, "/admin/"),
)


def shell(request: HttpRequest) -> dict[str, object]:
    """Context of base.html: the places the user's role may go to, and the role."""
    role = role_of(request.user) if hasattr(request, "user") else None
    places = [
        {
            "name": place.url_name,
            "url": reverse(place.url_name),
            "label": place.label,
            "icon": place.icon,
            "here": request.path.startswith(place.prefix),
        }
        for place in PLACES
        if role is not None and RANK[role] >= RANK[place.role]
    ]
    return {"places": places, "role": role, "Role": Role}
