"""A shift and a pause of a shop as they are typed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms import MomentInput
from cases.models import Pause, Shift
from cases.rulebook.forms.editing import EditForm
from cases.rulebook.hours import PauseDraft, ShiftDraft, agents_of
from cases.working_time import DayKind, Span, SpansRefused, read_spans
from reviewdesk.access import name_of
from reviews.models import Shop

LONGEST_PAUSE = timedelta(days=60)


class PeopleField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return name_of(obj)


class ShiftForm(EditForm):
    name = forms.CharField(label=gettext_lazy("name"), max_length=40)
    spans = forms.CharField(
        label=gettext_lazy("times"),
        max_length=300,
        help_text=gettext_lazy(
            "Such as 09:00-12:00, 13:00-18:00: what lies between is a break. 22:00-02:00 passes midnight."
        ),
    )
    days = forms.ChoiceField(label=gettext_lazy("days"), choices=DayKind, widget=forms.RadioSelect)
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("days of the week"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    agents = PeopleField(
        None, label=gettext_lazy("people expected"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, shop: Shop, shift: Shift | None, seen: int) -> None:
        initial: dict[str, Any] = {"days": DayKind.EVERY}
        if shift:
            initial = {
                "name": shift.name,
                "spans": shift.times,
                "days": shift.days,
                "weekdays": shift.weekdays,
                "agents": shift.agents.all(),
            }
        self.shop, self.shift = shop, shift
        super().__init__(data, initial={"seen": seen, **initial})
        self.fields["agents"].queryset = agents_of(shop)  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        namesake = Shift.objects.filter(shop=self.shop, name=name).first()
        if namesake is not None and namesake != self.shift:
            raise forms.ValidationError(_("The shop has a shift of this name already."))
        return name

    def clean_spans(self) -> tuple[Span, ...]:
        try:
            return read_spans(self.cleaned_data["spans"])
        except SpansRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean(self) -> None:
        if self.cleaned_data.get("days") == DayKind.WEEKDAYS and not self.cleaned_data.get("weekdays"):
            self.add_error("weekdays", _("Choose at least one day."))

    @property
    def draft(self) -> ShiftDraft:
        typed = self.cleaned_data
        return ShiftDraft(
            name=typed["name"],
            days=typed["days"],
            weekdays=tuple(typed["weekdays"]),
            spans=typed["spans"],
            agents=tuple(typed["agents"]),
        )


class PauseForm(EditForm):
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=120)
    starts_at = forms.DateTimeField(label=gettext_lazy("from"), widget=MomentInput())
    ends_at = forms.DateTimeField(label=gettext_lazy("until"), widget=MomentInput())

    def __init__(self, data: Any = None, *, pause: Pause | None, seen: int) -> None:
        initial = forms.model_to_dict(pause, fields=["reason", "starts_at", "ends_at"]) if pause else {}
        super().__init__(data, initial={"seen": seen, **initial})

    def clean_ends_at(self) -> datetime:
        ends_at: datetime = self.cleaned_data["ends_at"]
        if ends_at <= timezone.now():
            raise forms.ValidationError(_("This lies in the past: what has run cannot be paused any more."))
        return ends_at

    def clean(self) -> None:
        starts_at, ends_at = self.cleaned_data.get("starts_at"), self.cleaned_data.get("ends_at")
        if starts_at is None or ends_at is None:
            return
        if ends_at <= starts_at:
            self.add_error("ends_at", _("A pause must end after it starts."))
        elif ends_at - starts_at > LONGEST_PAUSE:
            told = _("A pause lasts %(days)d days at most.") % {"days": LONGEST_PAUSE.days}
            self.add_error("ends_at", told)

    @property
    def draft(self) -> PauseDraft:
        typed = self.cleaned_data
        return PauseDraft(starts_at=typed["starts_at"], ends_at=typed["ends_at"], reason=typed["reason"])
