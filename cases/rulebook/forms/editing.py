"""What every form of the rules brings along: which state its writer saw, and why they change it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.history import shown
from cases.rulebook.editing import ChangedMeanwhile, Edit
from reviews.filters import INPUT, SELECT

CHECK = {"class": "form-check-input"}
LONGEST_COMMENT = 300


class EditForm(forms.Form):
    """Knows nobody and no clock: `edit_of` is told both."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    comment = forms.CharField(
        label=gettext_lazy("Why (for the history)"), required=False, max_length=LONGEST_COMMENT, widget=forms.TextInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dress(field.widget)

    def edit_is_valid(self) -> bool:
        """Whether what an edit needs is there, whatever the rest says."""
        return not self.errors.keys() & {"seen", "comment"}

    def edit_of(self, actor: User) -> Edit:
        return Edit(actor, timezone.now(), self.cleaned_data["seen"], self.cleaned_data["comment"])

    def tell(self, meanwhile: ChangedMeanwhile) -> None:
        """Say who was faster. What was typed stays, and is kept when it is sent once more."""
        change = meanwhile.change
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["seen"] = str(change.pk)
        self.data = data
        told = _(
            "%(who)s changed this at %(when)s, after you had opened it. What you typed is still here and not kept yet; "
            "the other change is the first one in the history below. Save again to put yours in its place."
        )
        at = date_format(timezone.localtime(change.at), "H:i")
        self.add_error(None, told % {"who": shown(change.actor) or _("System"), "when": at})


def dress(widget: forms.Widget) -> None:
    if isinstance(widget, (forms.CheckboxInput, forms.RadioSelect)):
        widget.attrs.update(CHECK)
    elif isinstance(widget, forms.Select):
        widget.attrs.update(SELECT)
    elif not isinstance(widget, forms.HiddenInput):
        widget.attrs.update({**INPUT, "autocomplete": "off"})
