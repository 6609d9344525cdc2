"""Forms that read the addresses of the statistics and of the team page."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from cases.statistics import CaseFilter, CaseKind
from reviewdesk.access import name_of
from reviews.filters import SELECT, ShopFilterForm
from reviews.period import Period
from reviews.scope import Scope

PRESETS = {"today": (1, _("Today")), "7": (7, _("7 days")), "30": (30, _("30 days")), "90": (90, _("90 days"))}
"""Values of `period`: days up to today, and what the choice is called."""
USUAL = "30"
LONGEST_DAYS = 366


class StatisticsForm(ShopFilterForm):
    """Days named with `from` and `to` win over `period`; without either it is the usual one."""

    period = forms.ChoiceField(
        choices=[(value, label) for value, (_days, label) in PRESETS.items()], required=False, widget=forms.HiddenInput
    )

    def __init__(self, data: QueryDict, *, user: User, today: date) -> None:
        super().__init__(data, user=user)
        self.today = today

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first: date | None = cleaned.get("from")
        last: date | None = cleaned.get("to")
        if self.errors or not (first or last):
            return cleaned
        last = last or max(first or self.today, self.today)
        named = Period(first, last) if first else Period.of_days(PRESETS[USUAL][0], last)
        if named.days > LONGEST_DAYS:
            self.add_error("to", _("At most %(days)d days can be counted at once.") % {"days": LONGEST_DAYS})
        else:
            cleaned["named"] = named
        return cleaned

    @property
    def preset(self) -> str:
        """The preset in force, "" where days are named."""
        return "" if "named" in self.cleaned_data else self.cleaned_data.get("period") or USUAL

    @property
    def is_readable(self) -> bool:
        """Whether the days make sense; figures of other days than those asked for would mislead."""
        return not {"from", "to"} & set(self.errors)

    @property
    def is_compared(self) -> bool:
        """Whether the previous period is a fair measure: today on its own, not over yet, has none."""
        return self.scope.period != Period(self.today, self.today)

    @property
    def scope(self) -> Scope:
        """What is to be counted; where the address cannot be read, the usual period."""
        named = self.cleaned_data.get("named")
        shop, product = self.cleaned_data.get("shop"), self.cleaned_data.get("product")
        return Scope(
            shops=tuple(each.pk for each in self.shops),
            shop=shop.pk if shop else None,
            product=product.pk if product else None,
            period=named or Period.of_days(PRESETS[self.preset][0], self.today),
        )


class TeamForm(ShopFilterForm):
    """Which list of cases the team page shows, and in which order its agents stand."""

    foreign = (*ShopFilterForm.foreign, "agent")

    show = forms.ChoiceField(choices=CaseKind, required=False, label=_("Cases"), widget=forms.Select(SELECT))
    agent = forms.ModelChoiceField(
        User.objects.none(), required=False, label=_("Agent"), empty_label=_("Everybody"), widget=forms.Select(SELECT)
    )

    sort = forms.ChoiceField(choices=[("won", "")], required=False, widget=forms.HiddenInput)
    """Names, or who has won back most first."""

    def __init__(self, data: QueryDict, *, user: User, people: list[User]) -> None:
        super().__init__(data, user=user)
        field = cast(forms.ModelChoiceField, self.fields["agent"])
        field.queryset = User.objects.filter(pk__in=[person.pk for person in people])
        field.choices = [
            ("", field.empty_label),
            *((each.pk, name_of(each)) for each in people),
        ]

    @property
    def wanted(self) -> CaseFilter:
        """The filters of a valid form."""
        found = self.cleaned_data
        ids = {name: found[name].pk if found[name] else None for name in ("shop", "product", "agent")}
        return CaseFilter(**ids, kind=found["show"] or CaseKind.ATTENTION, first=found["from"], last=found["to"])
