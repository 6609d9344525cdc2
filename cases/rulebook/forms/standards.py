"""The table of remedy standards as it is typed: every line, and some empty ones."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Remedy, RemedyStandard, Tier
from cases.replies import Rule, check_reply
from cases.rulebook.forms.editing import EditForm, dress
from cases.rulebook.standards import Standard
from reviews.causes import TopCause

EMPTY_LINES = 3
MOST_LINES = 150
PAYING = frozenset({Rule.COMPENSATION_TIED, Rule.BOUGHT_REVIEWS})


class StandardForm(forms.Form):
    """A line; one without a cause is none."""

    cause = forms.ChoiceField(label=gettext_lazy("Cause"), required=False, choices=[("", "–"), *TopCause.choices])
    tier = forms.ChoiceField(
        label=gettext_lazy("Tier"), required=False, choices=[("", gettext_lazy("every tier")), *Tier.choices]
    )
    kind = forms.ChoiceField(label=gettext_lazy("Remedy"), required=False, choices=[("", "–"), *Remedy.Kind.choices])
    amount = forms.DecimalField(
        label=gettext_lazy("Value up to (¥)"), required=False, min_value=Decimal(0), max_digits=10, decimal_places=2
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dress(field.widget)

    def clean_note(self) -> str:
        note: str = self.cleaned_data["note"]
        if note and any(finding.rule in PAYING for finding in check_reply(note, cause=None).findings):
            raise forms.ValidationError(
                _("The note ties the remedy to the review. That is unlawful: it settles the problem alone.")
            )
        return note

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("cause") and not found.get("kind"):
            self.add_error("kind", _("Choose what is granted."))
        if not found.get("cause") and (found.get("kind") or found.get("amount") or found.get("note")):
            self.add_error("cause", _("Choose the cause it is granted for."))
        return found

    @property
    def standard(self) -> Standard | None:
        found = self.cleaned_data
        if not found.get("cause"):
            return None
        return Standard(found["cause"], found["tier"], found["kind"], found["amount"] or Decimal(0), found["note"])


class StandardLines(forms.BaseFormSet):
    def clean(self) -> None:
        if any(self.errors):
            return
        named = Counter((line.cause, line.tier, line.kind) for line in self.standards)
        for form in self.forms:
            line = form.standard if self._stays(form) else None
            if line and named[line.cause, line.tier, line.kind] > 1:
                form.add_error("kind", _("This remedy stands in the table twice for the same cause and tier."))

    @property
    def standards(self) -> list[Standard]:
        """The lines that stay, once the table is valid."""
        return [form.standard for form in self.forms if self._stays(form) and form.standard]

    def _stays(self, form: StandardForm) -> bool:
        """A line that goes may be wrong: it is not asked for a standard."""
        return not form.cleaned_data.get("DELETE")


StandardTable = forms.formset_factory(
    StandardForm, formset=StandardLines, extra=EMPTY_LINES, can_delete=True, max_num=MOST_LINES, absolute_max=MOST_LINES
)


class StandardsForm(EditForm):
    """The whole table, for one shop; `table` holds its lines."""

    def __init__(self, data: Any = None, *, lines: list[RemedyStandard], seen: int) -> None:
        super().__init__(data, initial={"seen": seen})
        initial = [forms.model_to_dict(line, fields=Standard._fields) for line in lines]
        self.table = cast(StandardLines, StandardTable(data, initial=initial, prefix="line"))
        for form in self.table.forms:
            dress(form.fields["DELETE"].widget)

    def is_valid(self) -> bool:
        is_valid = self.table.is_valid()
        return super().is_valid() and is_valid
