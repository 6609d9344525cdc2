"""What a supervisor may set for an agent on the team board."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from cases.assignment.skills import NAMES, Skills
from cases.models import Agent, RuleChange
from cases.rulebook.editing import state_of
from cases.rulebook.forms.editing import EditForm
from reviews.causes import TopCause

MOST_CASES = 9999


class SkillsForm(EditForm):
    """Skills and capacity of one agent. Lines are those of the shops, and what the agent has already."""

    causes = forms.MultipleChoiceField(
        label=_("Causes"), choices=TopCause, required=False, widget=forms.CheckboxSelectMultiple
    )
    lines = forms.MultipleChoiceField(label=_("Product lines"), required=False, widget=forms.CheckboxSelectMultiple)
    open_capacity = forms.IntegerField(label=_("Open cases at most"), min_value=0, max_value=MOST_CASES)
    daily_capacity = forms.IntegerField(label=_("New cases a day at most"), min_value=0, max_value=MOST_CASES)

    def __init__(self, agent: Agent, lines: list[str], data: MultiValueDict[str, str] | None = None) -> None:
        seen = state_of(shop=None, subject=RuleChange.Subject.SKILLS, topic=str(agent.user_id))
        super().__init__(data, auto_id="skills-%s", initial={**vars(agent), "seen": seen})
        self.agent = agent
        known = sorted({*lines, *agent.lines})
        self.fields["lines"].choices = [(line, line) for line in known]  # type: ignore[attr-defined]
        if not known:
            del self.fields["lines"]

    @property
    def skills(self) -> Skills:
        """What a valid form says."""
        typed: dict[str, Any] = {"lines": []} | self.cleaned_data
        return Skills(**{name: typed[name] for name in NAMES})
