"""Forms of the import pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.files import File
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from reviews.filters import INPUT, SELECT, DayField
from reviews.ingest.preview import has_rows
from reviews.ingest.reading.presets import Field, missing_fields
from reviews.ingest.storing.coverage import Claim, check_claim
from reviews.models import ImportBatch, Shop

Source = ImportBatch.Source


def upload_limit_bytes() -> int:
    return settings.UPLOAD_LIMIT_MB << 20


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files, each cleaned as a FileField does."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[File[Any]]:
        return [super(FilesField, self).clean(file, initial) for file in data or [None]]


class UploadForm(forms.Form):
    shop = forms.ModelChoiceField(
        Shop.objects.none(),
        label=_("Shop"),
        empty_label=_("Choose a shop"),
        error_messages={"required": _("Choose the shop that the reviews belong to.")},
        widget=forms.Select(attrs=SELECT),
    )
    file = FilesField(
        label=_("Export files"),
        error_messages={
            "required": _("Choose the file to import."),
            "empty": _("The file is empty. Export it again and check that it has rows."),
        },
        widget=FilesInput(attrs=INPUT),
    )

    def __init__(self, *args: Any, shops: Sequence[Shop], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ModelChoiceField, self.fields["shop"])
        field.queryset = Shop.objects.filter(pk__in=[shop.pk for shop in shops])
        choices: list[Any] = [(shop.pk, shop.name) for shop in shops]
        # Of one shop there is nothing to choose; of several none is likelier, and a wrong one is hard to undo.
        field.choices = choices if len(choices) == 1 else [("", field.empty_label), *choices]

    def clean_file(self) -> list[File[Any]]:
        files: list[File[Any]] = self.cleaned_data["file"]
        for file in files:
            if file.size > upload_limit_bytes():
                raise forms.ValidationError(
                    _("The file has %(size)s; at most %(limit)s can be uploaded. Export a shorter period."),
                    params={"size": filesizeformat(file.size), "limit": filesizeformat(upload_limit_bytes())},
                )
        return files


class ImportFilterForm(forms.Form):
    """Which of the earlier imports are wanted. Without `source` those of files: pushes are many and small."""

    EVERY_SOURCE = "all"

    q = forms.CharField(
        required=False,
        max_length=100,
        label=_("File name"),
        widget=forms.TextInput({**INPUT, "type": "search"}),
    )
    shop = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, label=_("Shop"), widget=forms.Select(SELECT)
    )
    status = forms.ChoiceField(
        choices=[("", _("All states")), *ImportBatch.Status.choices],
        required=False,
        label=_("State"),
        widget=forms.Select(SELECT),
    )
    source = forms.ChoiceField(
        choices=[("", _("All files")), *Source.choices, (EVERY_SOURCE, _("Files and pushes"))],
        required=False,
        label=_("Source"),
        widget=forms.Select(SELECT),
    )

    def __init__(self, data: QueryDict, *, shops: Sequence[Shop]) -> None:
        super().__init__(data)
        field = cast(forms.TypedChoiceField, self.fields["shop"])
        field.choices = [("", _("All shops")), *((shop.pk, shop.name) for shop in shops)]

    @cached_property
    def conditions(self) -> dict[str, Any]:
        """Lookups of ImportBatch; those of fields that make no sense are left out."""
        self.full_clean()
        wanted = self.cleaned_data
        sources = {"": [Source.UPLOAD, Source.COMMAND], self.EVERY_SOURCE: []}.get(
            wanted.get("source", ""), [wanted.get("source")]
        )
        lookups = {
            "file_name__icontains": wanted.get("q"),
            "shop": wanted.get("shop"),
            "status": wanted.get("status"),
            "source__in": sources,
        }
        return {name: value for name, value in lookups.items() if value}


class DecisionForm(forms.Form):
    """What a person decides of an import that waits: a select for each column of the file, named `column_<index>`,
    which field it is stored as, or none; and whether the export claims to hold every review of its days.
    """

    claims = forms.BooleanField(
        required=False,
        label=_("This export holds all reviews of these days"),
        widget=forms.CheckboxInput({"class": "form-check-input"}),
    )
    covers_from = DayField(label=_("From"))
    covers_to = DayField(label=_("To"))

    def __init__(self, data: QueryDict | None = None, *, batch: ImportBatch) -> None:
        first, last = (timezone.localdate(at) if at else None for at in (batch.first_at, batch.last_at))
        claim = {"claims": batch.covers_from is not None, "covers_from": first, "covers_to": last}
        if batch.covers_from:
            claim |= {"covers_from": batch.covers_from, "covers_to": batch.covers_to}
        super().__init__(data, initial=claim)
        self.batch = batch
        chosen = {index: name for name, index in batch.mapping.items()}
        for index, heading in enumerate(batch.headings):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=heading or _("Column %(number)d") % {"number": index + 1},
                choices=[("", _("– ignored –")), *Field.choices],
                initial=chosen.get(index, ""),
                required=False,
                widget=forms.Select(attrs=SELECT),
            )

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("column_")]

    def clean(self) -> dict[str, Any]:
        if not has_rows(self.batch):
            raise forms.ValidationError(_("There are no rows below the headings."))
        self._check_columns()
        if self.cleaned_data.get("claims"):
            self._check_claim()
        return self.cleaned_data

    def _check_columns(self) -> None:
        first_column: dict[str, str] = {}
        for name, field in [(name, self.cleaned_data.get(name)) for name in self.fields if name.startswith("column_")]:
            if field and field in first_column:
                self.add_error(
                    name,
                    forms.ValidationError(
                        _("“%(field)s” is already taken from the column “%(column)s”."),
                        params={"field": Field(field).label, "column": self.fields[first_column[field]].label},
                    ),
                )
            elif field:
                first_column[field] = name
        missing = missing_fields(dict.fromkeys(first_column, 0))
        if missing:
            raise forms.ValidationError(
                _("No column is chosen for: %(fields)s."), params={"fields": _(", ").join(missing)}
            )

    def _check_claim(self) -> None:
        first, last = self.cleaned_data.get("covers_from"), self.cleaned_data.get("covers_to")
        if not (first and last):
            self.add_error("claims", _("Say the first and the last day of which the export holds all reviews."))
            return
        try:
            check_claim((first, last), timezone.localdate())
        except forms.ValidationError as error:
            self.add_error("claims", error)

    @property
    def mapping(self) -> dict[str, int]:
        """Field name -> column index, of a valid form."""
        columns = {name: field for name, field in self.cleaned_data.items() if name.startswith("column_") and field}
        return {field: int(name.removeprefix("column_")) for name, field in columns.items()}

    @property
    def claim(self) -> Claim | None:
        """First and last day that the export covers, of a valid form."""
        told = self.cleaned_data
        return (told["covers_from"], told["covers_to"]) if told["claims"] else None
