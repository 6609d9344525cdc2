"""Forms of the import pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files import File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from reviews.ingest.presets import Field, missing_fields
from reviews.ingest.preview import has_rows
from reviews.models import ImportBatch, Shop


def upload_limit_bytes() -> int:
    return settings.UPLOAD_LIMIT_MB << 20


class UploadForm(forms.Form):
    shop = forms.ModelChoiceField(
        Shop.objects.none(),
        label=_("Shop"),
        empty_label=_("Choose a shop"),
        error_messages={"required": _("Choose the shop that the reviews belong to.")},
        widget=forms.Select(attrs={"class": "form-select form-select-sm"}),
    )
    file = forms.FileField(
        label=_("Export file"),
        error_messages={
            "required": _("Choose the file to import."),
            "empty": _("The file is empty. Export it again and check that it has rows."),
        },
        widget=forms.FileInput(attrs={"class": "form-control form-control-sm", "accept": ".csv,.tsv,.txt,text/csv"}),
    )

    def __init__(self, *args: Any, shops: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["shop"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = shops
        choices: list[Any] = [(shop.pk, shop.name) for shop in shops]
        # Of one shop there is nothing to choose; of several none is likelier, and a wrong one is hard to undo.
        field.choices = choices if len(choices) == 1 else [("", field.empty_label), *choices]

    def clean_file(self) -> File[Any]:
        file: File[Any] = self.cleaned_data["file"]
        if file.size > upload_limit_bytes():
            raise forms.ValidationError(
                _("The file has %(size)s; at most %(limit)s can be uploaded. Export a shorter period."),
                params={"size": filesizeformat(file.size), "limit": filesizeformat(upload_limit_bytes())},
            )
        return file


class MappingForm(forms.Form):
    """A select for each column of the file, named `column_<index>`: which field it is stored as, or none."""

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.batch = batch
        chosen = {index: name for name, index in batch.mapping.items()}
        for index, heading in enumerate(batch.headings):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=heading or _("Column %(number)d") % {"number": index + 1},
                choices=[("", _("– ignored –")), *Field.choices],
                initial=chosen.get(index, ""),
                required=False,
                widget=forms.Select(attrs={"class": "form-select form-select-sm"}),
            )

    def clean(self) -> dict[str, Any]:
        if not has_rows(self.batch):
            raise forms.ValidationError(_("There are no rows below the headings."))
        first_column: dict[str, str] = {}
        for name, field in list(self.cleaned_data.items()):
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
                _("No column is chosen for: %(fields)s."), params={"fields": ", ".join(missing)}
            )
        return self.cleaned_data

    @property
    def mapping(self) -> dict[str, int]:
        """Field name -> column index, of a valid form."""
        return {field: int(name.removeprefix("column_")) for name, field in self.cleaned_data.items() if field}
