"""What a bulk act needs to know beside its cases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from cases.models import BulkAct, Outcome, Tier
from cases.outcomes import STATED
from reviewdesk.access import name_of
from reviews.models import Shop

Kind = BulkAct.Kind
SELECT = {"class": "form-select form-select-sm"}
TEXT = {"class": "form-control form-control-sm", "rows": 3}


class BulkForm(forms.Form):
    """The details of an act; a kind that needs none has no fields."""

    def __init__(self, user: User, data: MultiValueDict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id="bulk-%s", **kwargs)
        self.user = user

    @property
    def details(self) -> dict[str, Any]:
        """What a valid form says, as plain values."""
        return self.cleaned_data


class _Person(forms.ModelChoiceField):
    def label_from_instance(self, obj: User) -> str:
        return name_of(obj)


class GiveForm(BulkForm):
    to = _Person(label=_("to whom"), queryset=User.objects.none(), empty_label=_("Choose"), widget=forms.Select(SELECT))

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        shops = Shop.objects.visible_to(user)
        people = User.objects.filter(is_active=True, shops__in=shops).distinct().order_by("username")
        self.fields["to"].queryset = people  # type: ignore[attr-defined]

    @property
    def details(self) -> dict[str, Any]:
        return {"to": self.cleaned_data["to"].pk}


class TierForm(BulkForm):
    tier = forms.ChoiceField(label=_("tier"), choices=[("", _("Choose")), *Tier.choices], widget=forms.Select(SELECT))


class CloseForm(BulkForm):
    outcome = forms.ChoiceField(
        label=_("outcome"),
        choices=[("", _("Choose")), *((outcome.value, Outcome(outcome).label) for outcome in STATED)],
        widget=forms.Select(SELECT),
    )
    comment = forms.CharField(label=_("remark"), max_length=1000, required=False, widget=forms.Textarea(TEXT))


class EscalateForm(BulkForm):
    question = forms.CharField(label=_("question for the supervisor"), max_length=1000, widget=forms.Textarea(TEXT))


FORMS: dict[Kind, type[BulkForm]] = {
    Kind.CLAIM: BulkForm,
    Kind.RELEASE: BulkForm,
    Kind.GIVE: GiveForm,
    Kind.TIER: TierForm,
    Kind.CLOSE: CloseForm,
    Kind.ESCALATE: EscalateForm,
}


def bulk_form(act: BulkAct, data: MultiValueDict[str, str] | None = None) -> BulkForm:
    """The form of the act, with what was said before."""
    form = FORMS[Kind(act.kind)](act.actor, data, initial=act.details)
    if form.fields and act.status == BulkAct.Status.CHOSEN:
        next(iter(form.fields.values())).widget.attrs["autofocus"] = True
    return form
