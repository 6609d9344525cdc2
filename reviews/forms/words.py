"""Forms of the words page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files import File
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from reviews.causes import TopCause, subs_of
from reviews.filters import INPUT, SELECT
from reviews.models import Shop
from reviews.vocabulary.exchange import BYTES_AT_MOST
from reviews.vocabulary.matching import LONGEST
from reviews.vocabulary.rules import Kind
from reviews.vocabulary.sample import DAYS
from reviews.vocabulary.wording import LONGEST_NOTE, Wording, checked_wording


def sub_causes() -> list[tuple[Any, Any]]:
    """What a phrase can speak for, as options grouped by the first level."""
    groups = [(top.label, [(sub.value, sub.label) for sub in subs_of(top)]) for top in TopCause if top != "other"]
    return [("", _("Choose a cause")), *groups]


def shop_field() -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        Shop.objects.all(), required=False, label=_("Shop"), empty_label=_("All shops"), widget=forms.Select(SELECT)
    )


def days_field() -> forms.TypedChoiceField:
    """Answers the number of days; the middle one where nothing useful is chosen."""
    return forms.TypedChoiceField(
        choices=lambda: [(days, ngettext("Last %d day", "Last %d days", days) % days) for days in DAYS],
        coerce=int,
        required=False,
        empty_value=DAYS[1],  # type: ignore[arg-type]  # the stubs know texts only
        initial=DAYS[1],
        label=_("Reviews of"),
        widget=forms.Select(SELECT),
    )


class WordingForm(forms.Form):
    """What is said of a phrase. Sent by GET it shows the effect, by POST it is kept."""

    text = forms.CharField(
        label=_("Phrase"), max_length=4 * LONGEST, widget=forms.TextInput({**INPUT, "autocomplete": "off"})
    )
    kind = forms.ChoiceField(label=_("Meaning"), choices=Kind, initial=Kind.SIGN, widget=forms.Select(SELECT))
    cause = forms.ChoiceField(label=_("Cause"), choices=sub_causes, required=False, widget=forms.Select(SELECT))
    shop = shop_field()
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.TextInput({**INPUT, "autocomplete": "off"}),
    )
    days = days_field()

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.wording: Wording = checked_wording(
                    *(found[name] for name in ("shop", "text", "kind", "cause", "note"))
                )
            except ValidationError as error:
                self.add_error(None, error)
        return found


class PhraseFilterForm(forms.Form):
    """Which phrases the list shows, from the page's address."""

    EVERYWHERE, ALL_SHOPS = "", "all"

    find = forms.CharField(
        required=False, max_length=LONGEST, label=_("Find"), widget=forms.TextInput({**INPUT, "type": "search"})
    )
    of = forms.ChoiceField(required=False, label=_("Kept for"), widget=forms.Select(SELECT))

    def __init__(self, data: QueryDict, *, shops: list[Shop]) -> None:
        super().__init__(data)
        field = self.fields["of"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [
            (self.EVERYWHERE, _("Anywhere")),
            (self.ALL_SHOPS, _("All shops")),
            *((str(shop.pk), shop.name) for shop in shops),
        ]


class SaidForm(forms.Form):
    """The shop and the days that word statistics are about."""

    shop = shop_field()
    days = days_field()


class PhraseFileForm(forms.Form):
    shop = shop_field()
    file = forms.FileField(
        label=_("CSV file"),
        error_messages={"required": _("Choose the file to read."), "empty": _("The file is empty.")},
        widget=forms.FileInput({"class": "form-control form-control-sm", "accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> File[Any]:
        file: File[Any] = self.cleaned_data["file"]
        if file.size > BYTES_AT_MOST:
            raise forms.ValidationError(
                _("The file is larger than %(limit)s."), params={"limit": filesizeformat(BYTES_AT_MOST)}
            )
        return file
