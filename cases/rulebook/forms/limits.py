"""The limits of a shop as they are typed."""

from __future__ import annotations

from typing import Any

from django import forms

from cases.models import ShopPolicy
from cases.rulebook.forms.editing import EditForm

LIMITS = forms.fields_for_model(ShopPolicy, exclude=["shop"])
"""A field for every number a shop works by, checked as the model says."""


class ClockInput(forms.TimeInput):
    """A time of day, with the browser's own picker."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class LimitsForm(EditForm):
    def __init__(self, data: Any = None, *, policy: ShopPolicy, seen: int) -> None:
        super().__init__(data, initial={"seen": seen, **forms.model_to_dict(policy, fields=LIMITS)})

    @property
    def limits(self) -> list[forms.BoundField]:
        return [self[name] for name in LIMITS]

    @property
    def values(self) -> dict[str, Any]:
        """The limits by their names, once the form is valid."""
        return {name: self.cleaned_data[name] for name in LIMITS}


for _name, _field in LIMITS.items():
    if isinstance(_field, forms.TimeField):
        _field.widget = ClockInput()
LimitsForm.base_fields.update(LIMITS)
