"""The form for a new push token."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from reviews.filters import INPUT, SELECT
from reviews.models import PushToken, Shop


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Program"),
        max_length=PushToken._meta.get_field("name").max_length,
        help_text=_("Which one it is, so that everybody knows what stops when the token is revoked."),
        widget=forms.TextInput({**INPUT, "autocomplete": "off"}),
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), label=_("Shop"), empty_label=_("Choose a shop"), widget=forms.Select(SELECT)
    )

    def __init__(self, *args: Any, shops: QuerySet[Shop], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["shop"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = shops
