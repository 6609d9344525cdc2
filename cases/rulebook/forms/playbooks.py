"""A playbook as it is typed: guidance, and the goal and scripts of each step in both languages."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Step
from cases.rulebook.forms.editing import EditForm, dress
from cases.rulebook.playbooks import KEYS, LANGUAGES, Content, objections

MOST_SCRIPTS = 8
LONGEST_GUIDANCE = 1000
LONGEST_GOAL = 200
LONGEST_SCRIPT = 500
LABELS = {
    ("goal", "zh"): gettext_lazy("Goal in Chinese"),
    ("goal", "en"): gettext_lazy("Goal in English"),
    ("script", "zh"): gettext_lazy("Script in Chinese"),
    ("script", "en"): gettext_lazy("Script in English"),
}


class StepFields(NamedTuple):
    """The fields of one step, each pair Chinese and English."""

    step: Step
    goals: list[forms.BoundField]
    scripts: list[list[forms.BoundField]]
    """Those that hold something, and one more to fill."""


class PlaybookForm(EditForm):
    """A script left empty in both languages is none; one of them alone is an error."""

    guidance_zh = forms.CharField(
        label=gettext_lazy("Guidance (Chinese)"), max_length=LONGEST_GUIDANCE, widget=forms.Textarea({"rows": 4})
    )
    guidance_en = forms.CharField(
        label=gettext_lazy("Guidance (English)"), max_length=LONGEST_GUIDANCE, widget=forms.Textarea({"rows": 4})
    )

    def __init__(self, data: Any = None, *, cause: str, content: Content, seen: int) -> None:
        initial = {"seen": seen, "guidance_zh": content.guidance_zh, "guidance_en": content.guidance_en}
        super().__init__(data, initial=initial)
        self.cause = cause
        for step, written in zip(Step, content.steps, strict=True):
            for language in LANGUAGES:
                self._add(_goal(step, language), "goal", LONGEST_GOAL, written[f"goal_{language}"])
                for number in range(MOST_SCRIPTS):
                    known = written["scripts"][number][language] if number < len(written["scripts"]) else ""
                    self._add(_script(step, number, language), "script", LONGEST_SCRIPT, known)

    def _add(self, name: str, kind: str, longest: int, initial: str) -> None:
        is_script = kind == "script"
        self.fields[name] = forms.CharField(
            label=LABELS[kind, name[-2:]],
            required=not is_script,
            max_length=longest,
            initial=initial,
            widget=forms.Textarea({"rows": 3}) if is_script else forms.TextInput,
        )
        dress(self.fields[name].widget)

    @property
    def steps(self) -> list[StepFields]:
        return [
            StepFields(step, [self[_goal(step, language)] for language in LANGUAGES], self._shown_scripts(step))
            for step in Step
        ]

    def _shown_scripts(self, step: Step) -> list[list[forms.BoundField]]:
        pairs = [[self[_script(step, number, language)] for language in LANGUAGES] for number in range(MOST_SCRIPTS)]
        filled = [number for number, pair in enumerate(pairs) if any(field.value() for field in pair)]
        return pairs[: max(filled, default=-1) + 2]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        written = {step: self._scripts(step) for step in Step}
        if self.errors:
            return found
        steps = [
            {
                "key": KEYS[step],
                **{f"goal_{language}": found[_goal(step, language)] for language in LANGUAGES},
                "scripts": [*written[step].values()],
            }
            for step in Step
        ]
        self.content = Content(found["guidance_zh"], found["guidance_en"], steps)
        for objection in objections(self.cause, self.content):
            number = [*written[objection.step]][objection.script]
            self.add_error(_script(objection.step, number, objection.language), objection.message)
        return found

    def _scripts(self, step: Step) -> dict[int, dict[str, str]]:
        """The scripts of `step` by the number of their field."""
        scripts = {}
        for number in range(MOST_SCRIPTS):
            script = {language: self.cleaned_data.get(_script(step, number, language), "") for language in LANGUAGES}
            for language, text in script.items():
                if not text and any(script.values()) and _script(step, number, language) not in self.errors:
                    self.add_error(_script(step, number, language), _("Write the script in both languages."))
            if any(script.values()):
                scripts[number] = script
        return scripts


def _goal(step: Step, language: str) -> str:
    return f"goal-{step.value}-{language}"


def _script(step: Step, number: int, language: str) -> str:
    return f"script-{step.value}-{number}-{language}"
