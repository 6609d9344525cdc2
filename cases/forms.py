"""What may be typed at the desk, checked before it reaches a service."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.contacts.attachments import AttachmentRefused, Intake, take_in
from cases.models import Case, ContactAttachment, ContactEntry, Escalation, PublicReply, Remedy, Step, Tier
from cases.models.contact import LONGEST_TALK
from cases.outcomes import outcomes_of
from cases.queues import QueueFilters, Sort, View
from reviewdesk.access import Role, has_role
from reviews.causes import TopCause, subs_of
from reviews.forms.imports import FilesField, FilesInput
from reviews.models import shops_of

LONGEST_SHOWN = 40
"""Characters of a value that nobody understands, in what is said of it."""


class CaseForm(forms.BaseForm):
    """A form of one case. Its ids carry the case, so that nothing typed can move over to another case's form."""

    name: ClassVar[str]

    def __init__(self, case: Case, data: MultiValueDict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id=f"{self.name}-{case.pk}-%s", **kwargs)
        for field in self.fields.values():
            _dress(field)


def _dress(field: forms.Field) -> None:
    dress = {forms.RadioSelect: "btn-check", forms.Select: "form-select form-select-sm"}
    field.widget.attrs["class"] = dress.get(type(field.widget), "form-control form-control-sm")


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class MomentInput(forms.DateTimeInput):
    """A date and time to the minute, with the browser's own picker."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class ContactForm(CaseForm, forms.ModelForm):
    name = "contact"
    direction = forms.ChoiceField(
        label=_("direction"),
        choices=ContactEntry.Direction,
        initial=ContactEntry.Direction.OUTGOING,
        required=False,
        widget=forms.RadioSelect,
    )
    channel = forms.ChoiceField(
        label=_("channel"), choices=ContactEntry.Channel, initial=ContactEntry.Channel.PHONE, widget=forms.RadioSelect
    )
    result = forms.ChoiceField(label=_("result"), choices=ContactEntry.Result, widget=forms.RadioSelect)

    attachments = FilesField(
        label=_("pictures and documents"),
        required=False,
        widget=FilesInput(attrs={"accept": ",".join(ContactAttachment.Kind.values)}),
    )

    class Meta:
        model = ContactEntry
        fields = [
            "direction", "channel", "result", "next_contact_at", "said", "circumstances", "duration_seconds"
        ]  # fmt: skip
        widgets = {
            "said": forms.Textarea(attrs={"rows": 3, "aria-keyshortcuts": "l"}),
            "circumstances": _lines(1),
            "next_contact_at": MomentInput(),
            "duration_seconds": forms.NumberInput(attrs={"min": 0, "max": LONGEST_TALK}),
        }

    def clean_direction(self) -> str:
        """What does not say otherwise is the shop's."""
        return self.cleaned_data["direction"] or ContactEntry.Direction.OUTGOING.value

    def clean_attachments(self) -> tuple[Intake, ...]:
        files = [file for file in self.cleaned_data["attachments"] if file]
        if len(files) > settings.ATTACHMENTS_A_CONTACT:
            limit = {"limit": settings.ATTACHMENTS_A_CONTACT}
            raise forms.ValidationError(_("At most %(limit)s files can be attached to one contact."), params=limit)
        try:
            return tuple(take_in(file) for file in files)
        except AttachmentRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class ReasonForm(CaseForm, forms.Form):
    """A decision about turning to the buyer, which needs nothing but its reason."""

    reason = forms.CharField(label=_("reason"), max_length=500, widget=_lines(2))


class NoPhoneForm(ReasonForm):
    name = "no_phone"
    reason = forms.CharField(label=_("what the buyer said"), max_length=500, widget=_lines(2))


class MayPhoneForm(ReasonForm):
    name = "may_phone"


class ExceptionForm(ReasonForm):
    name = "exception"


class RemedyForm(CaseForm, forms.ModelForm):
    name = "remedy"
    kind = forms.ChoiceField(
        label=_("remedy"),
        choices=[("", _("Choose")), *Remedy.Kind.choices],
        widget=forms.Select(attrs={"aria-keyshortcuts": "m"}),
    )
    amount = forms.DecimalField(label=_("value (¥)"), min_value=0, max_digits=10, decimal_places=2)

    class Meta:
        model = Remedy
        fields = ["kind", "amount", "note", "due_on"]
        widgets = {"due_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(case, *args, **kwargs)
        # Without a day the shop's usual one is promised.
        self.fields["due_on"].required = False


class ReplyForm(CaseForm, forms.ModelForm):
    name = "reply"

    class Meta:
        model = PublicReply
        fields = ["text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 4, "aria-keyshortcuts": "a"})}


class StepForm(CaseForm, forms.Form):
    name = "step"
    step = forms.TypedChoiceField(choices=Step, coerce=int)
    reason = forms.CharField(label=_("why without a logged contact"), max_length=300, required=False)


class CloseForm(CaseForm, forms.Form):
    """Ends an open case, or enters the platform's verdict on one that was closed as reported."""

    name = "close"
    outcome = forms.ChoiceField(label=_("outcome"))
    comment = forms.CharField(label=_("remark"), max_length=1000, required=False, widget=_lines(2))

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(case, *args, **kwargs)
        self.fields["outcome"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose")),
            *((outcome.value, outcome.label) for outcome in outcomes_of(case)),
        ]


class ReopenForm(CaseForm, forms.Form):
    name = "reopen"
    comment = forms.CharField(label=_("why it is taken up again"), max_length=1000, widget=_lines(2))


class EscalateForm(CaseForm, forms.Form):
    name = "escalate"
    question = forms.CharField(label=_("question for the supervisor"), max_length=1000, widget=_lines(2))
    what = forms.ChoiceField(
        label=_("suggested decision"),
        choices=Escalation.Suggestion,
        initial=Escalation.Suggestion.OTHER,
        required=False,
    )
    remedy = forms.ChoiceField(
        label=_("remedy, if you suggest one"), choices=[("", _("Choose")), *Remedy.Kind.choices], required=False
    )
    amount = forms.DecimalField(
        label=_("its value (¥)"), min_value=Decimal("0.01"), max_digits=10, decimal_places=2, required=False
    )

    def clean_what(self) -> str:
        return self.cleaned_data["what"] or Escalation.Suggestion.OTHER.value

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("what") == Escalation.Suggestion.REMEDY:
            for name in ("remedy", "amount"):
                if not (found.get(name) or self.has_error(name)):
                    self.add_error(name, _("Say which remedy you suggest, and what it is worth."))
        return found


class AnswerForm(CaseForm, forms.Form):
    name = "answer"
    answer = forms.CharField(label=_("answer"), max_length=1000, widget=_lines(2))


class AgreeForm(CaseForm, forms.Form):
    """One press does what the agent suggested."""

    name = "agree"
    answer = forms.CharField(label=_("remark"), max_length=1000, required=False, widget=_lines(1))


class TierForm(CaseForm, forms.Form):
    name = "tier"
    tier = forms.ChoiceField(label=_("tier"), choices=Tier)


class QueueFilterForm(forms.Form):
    """The address of the desk. What cannot be understood in it filters nothing."""

    view = forms.ChoiceField(label=_("View"), choices=View, required=False, widget=forms.HiddenInput)
    batch = forms.IntegerField(
        label=_("Import"), min_value=1, max_value=2**63 - 1, required=False, widget=forms.HiddenInput
    )
    q = forms.CharField(
        label=_("Search this queue"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "data-search": "", "aria-keyshortcuts": "/"}),
    )
    tier = forms.ChoiceField(label=_("Tier"), required=False)
    cause = forms.ChoiceField(label=_("Cause"), required=False)
    shop = forms.TypedChoiceField(label=_("Shop"), required=False, coerce=int)
    sort = forms.ChoiceField(label=_("Sort by"), choices=Sort, required=False)

    def __init__(self, user: User, data: MultiValueDict[str, str]) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.user = user
        self.fields["tier"].choices = [("", _("All tiers")), *Tier.choices]  # type: ignore[attr-defined]
        self.fields["cause"].choices = [("", _("All causes")), *cause_choices(with_tops=True)]  # type: ignore[attr-defined]
        self.shops = {pk: shop.name for pk, shop in shops_of(user).items()}
        self.has_shops = len(self.shops) > 1
        self.fields["shop"].choices = [("", _("All shops")), *self.shops.items()]  # type: ignore[attr-defined]
        if not self.has_shops:
            del self.fields["shop"]
        self.fields["q"].widget.attrs["placeholder"] = self.fields["q"].label
        for field in self.fields.values():
            _dress(field)

    @property
    def filters(self) -> QueueFilters:
        """An agent starts with their own cases, who supervises with everybody's."""
        self.is_valid()
        known = {name: value for name, value in self.cleaned_data.items() if value}
        known.setdefault("view", View.ALL if has_role(self.user, Role.SUPERVISOR) else View.MINE)
        return QueueFilters(**known)

    @property
    def left_out(self) -> list[str]:
        """What the address asks for and filters nothing, in words: the list shows more than whoever named it meant."""
        self.is_valid()
        named = self.data.get("shop", "")
        told = [
            gettext("“%(filter)s” no longer has the choice “%(value)s”: this filter is left out.")
            % {"filter": self.fields[name].label or name, "value": self.data[name][:LONGEST_SHOWN]}
            for name in self.errors
            if name != "shop"
        ]
        if named and named not in map(str, self.shops):
            told.append(gettext("The shop of this view is not one of yours: you see the cases of your own shops."))
        return told


def cause_choices(*, with_tops: bool = False) -> list[tuple[Any, list[tuple[str, Any]]]]:
    """Groups for a select of causes: one per top cause, which `with_tops` makes eligible itself."""
    groups = []
    for top in TopCause:
        own = [(top.value, top.label)] if with_tops and top is not TopCause.OTHER else []
        groups.append((top.label, own + [(cause.value, cause.label) for cause in subs_of(top)]))
    return groups
