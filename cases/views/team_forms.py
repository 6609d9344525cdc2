"""What a supervisor may set for an agent on the team board."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from cases.assignment.skills import Skills
from cases.models import Agent
from reviews.causes import TopCause

MOST_CASES = 9999
NUMBER = {"class": "form-control form-control-sm", "min": 0, "max": MOST_CASES}
BOX = {"class": "form-check-input"}


class SkillsForm(forms.Form):
    """Skills and capacity of one agent. Lines are those of the shops, and what the agent has already."""

    causes = forms.MultipleChoiceField(
        label=_("Causes"), choices=TopCause, required=False, widget=forms.CheckboxSelectMultiple(BOX)
    )
    lines = forms.MultipleChoiceField(
        label=_("Product lines"), required=False, widget=forms.CheckboxSelectMultiple(BOX)
    )
    open_capacity = forms.IntegerField(
        label=_("Open cases at most"), min_value=0, max_value=MOST_CASES, widget=forms.NumberInput(NUMBER)
    )
    daily_capacity = forms.IntegerField(
        label=_("New cases a day at most"), min_value=0, max_value=MOST_CASES, widget=forms.NumberInput(NUMBER)
    )

    def __init__(self, agent: Agent, lines: list[str], data: MultiValueDict[str, str] | None = None) -> None:
        super().__init__(data, auto_id="skills-%s", initial=vars(agent))
        self.agent = agent
        known = sorted({*lines, *agent.lines})
        self.fields["lines"].choices = [(line, line) for line in known]  # type: ignore[attr-defined]
        if not known:
            del self.fields["lines"]

    @property
    def skills(self) -> Skills:
        """What a valid form says."""
        found: dict[str, Any] = {"lines": []} | self.cleaned_data
        return Skills(**found)
