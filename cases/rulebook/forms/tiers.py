"""A tier rule as it is typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Tier
from cases.priority import Conditions, Rated, Rule, StatedRule
from cases.rulebook.forms.editing import EditForm
from cases.rulebook.stated import STARTED_WITH
from reviews.causes import TopCause, subs_of, top_of

THRESHOLDS: dict[str, Any] = {"amount_from": None, "risk_from": None, "orders_from": None, "complaints_from": None}
"""Conditions that can be drawn elsewhere without making the sentence of a rule untrue."""
LONGEST_NAME = 120
MOST = 10_000


def _count(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=MOST)


def _flag(label: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


def _causes() -> list[tuple[Any, Any]]:
    return [(top.label, [(sub.value, sub.label) for sub in subs_of(top)]) for top in TopCause]


class TierRuleForm(EditForm):
    """One rule. `start` is the rule as it stands; a rule the shop makes itself needs a name."""

    name = forms.CharField(label=gettext_lazy("Reason shown"), required=False, max_length=LONGEST_NAME)
    tier = forms.ChoiceField(label=gettext_lazy("Tier"), choices=Tier)
    is_on = _flag(gettext_lazy("In use"))
    rated = forms.ChoiceField(
        label=gettext_lazy("Rating"), required=False, choices=[("", gettext_lazy("any rating")), *Rated.choices]
    )
    causes = forms.MultipleChoiceField(
        label=gettext_lazy("One of these causes"),
        required=False,
        choices=_causes,
        widget=forms.CheckboxSelectMultiple,
    )
    is_promoted = _flag(gettext_lazy("The product is promoted"))
    has_follow_up = _flag(gettext_lazy("There is a follow-up"))
    speaks_of_authority = _flag(gettext_lazy("The text speaks of the platform, an authority or a court"))
    amount_from = forms.DecimalField(
        label=gettext_lazy("Order amount from (¥)"),
        required=False,
        min_value=Decimal(0),
        max_digits=10,
        decimal_places=2,
    )
    risk_from = forms.IntegerField(
        label=gettext_lazy("Risk score from (0 to 100)"), required=False, min_value=1, max_value=100
    )
    orders_from = _count(gettext_lazy("Earlier orders, at least"))
    complaints_from = _count(gettext_lazy("Earlier complaints, at least"))
    complaints_to = _count(gettext_lazy("Earlier complaints, at most"))

    def __init__(self, data: Any = None, *, start: StatedRule, seen: int) -> None:
        known = {**asdict(start.conditions), "name": start.name, "tier": start.tier.value, "is_on": start.is_on}
        super().__init__(data, initial={**known, "seen": seen})
        self.start = start
        self.sentence = "" if start.key not in STARTED_WITH else str(Rule(start.key).label)
        """What the rule says where no name is given."""

    @property
    def flags(self) -> Iterable[forms.BoundField]:
        return (self[name] for name in ("is_promoted", "has_follow_up", "speaks_of_authority"))

    @property
    def cause_groups(self) -> list[tuple[str, list[forms.boundfield.BoundWidget]]]:
        """The boxes of the causes under the names of their first level."""
        boxes = self["causes"].subwidgets
        return [(str(top.label), [box for box in boxes if top_of(str(box.data["value"])) is top]) for top in TopCause]

    @property
    def numbers(self) -> Iterable[forms.BoundField]:
        return (self[name] for name in (*THRESHOLDS, "complaints_to"))

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if name in Rule.values:
            raise forms.ValidationError(_("Say it in a sentence: this word is used by the rules themselves."))
        return name

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if self.errors:
            return found
        names = Conditions.__dataclass_fields__
        conditions = Conditions(
            **{name: found[name] for name in names if name != "causes"}, causes=tuple(found["causes"])
        )
        if conditions == Conditions():
            raise forms.ValidationError(
                _("Set at least one condition: without any the rule would hold for every case.")
            )
        least, most = conditions.complaints_from, conditions.complaints_to
        if least is not None and most is not None and least > most:
            self.add_error("complaints_to", _("At most must not be less than at least."))
        if not found["name"] and (not self.sentence or self._says_something_else(conditions)):
            self.add_error("name", _("Say in a sentence why the case is in its tier: agents read it."))
            return found
        self.rule = StatedRule(
            key=self.start.key,
            tier=Tier(found["tier"]),
            conditions=conditions,
            name=found["name"],
            is_on=found["is_on"],
        )
        return found

    def _says_something_else(self, conditions: Conditions) -> bool:
        """Whether the sentence of the rule might not be true of what these conditions find."""
        started = STARTED_WITH[self.start.key].conditions
        is_asked = {name: getattr(conditions, name) is None for name in THRESHOLDS}
        was_asked = {name: getattr(started, name) is None for name in THRESHOLDS}
        return is_asked != was_asked or replace(conditions, **THRESHOLDS) != replace(started, **THRESHOLDS)
