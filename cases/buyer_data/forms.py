"""What is asked before a number is shown, and notes about a buyer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.buyer_data.phones import Purpose
from cases.forms import CaseForm
from cases.models import BuyerNote


class RevealForm(CaseForm, forms.Form):
    name = "reveal"
    purpose = forms.ChoiceField(label=_("purpose"), choices=[("", _("Choose")), *Purpose.choices])
    words = forms.CharField(label=_("in words"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        entered: dict[str, Any] = self.cleaned_data
        if entered.get("purpose") == Purpose.OTHER and not entered.get("words"):
            self.add_error("words", _("Say what the number is needed for."))
        return entered


class NoteForm(CaseForm, forms.Form):
    name = "note"
    text = forms.CharField(
        label=BuyerNote._meta.get_field("text").verbose_name,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Temperament and what to mind next time. No occupation, no sex, nothing the work does not need."),
    )
