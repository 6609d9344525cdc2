"""Shifts and pauses: who may change them, and what is kept of every change."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from cases.clocks.pace import pace_of
from cases.models import Pause, RuleChange, Shift
from cases.rulebook.editing import ChangedMeanwhile, Edit, state_of
from cases.rulebook.hours import (
    PauseDraft,
    ShiftDraft,
    agents_of,
    remove_pause,
    remove_shift,
    save_pause,
    save_shift,
)
from cases.working_time import DEFAULT_HOURS, read_spans
from reviews.models import Shop
from tests.conftest import NOW


def edit_by(actor: User, shop: Shop, comment: str = "") -> Edit:
    return Edit(actor, NOW, state_of(shop=shop, subject="hours"), comment)


def draft(**fields: Any) -> ShiftDraft:
    return ShiftDraft(**{"name": "白班", "days": "every", "spans": read_spans("09:00-12:00, 13:00-18:00"), **fields})


def saved(shop: Shop, actor: User, shift: Shift | None = None, **fields: Any) -> Shift:
    save_shift(shop=shop, shift=shift, draft=draft(**fields), edit=edit_by(actor, shop))
    return Shift.objects.get(shop=shop, name=fields.get("name", "白班"))


def test_a_shift_is_added_changed_and_taken_out_with_its_history(shop: Shop, supervisor: User, agent: User) -> None:
    shift = saved(shop, supervisor, agents=(agent,))
    assert pace_of(shop).hours.patterns == (shift.pattern,)
    saved(shop, supervisor, shift, days="weekdays", weekdays=(5, 0), spans=read_spans("09:00-18:00"), agents=(agent,))
    remove_shift(shift=Shift.objects.get(), edit=edit_by(supervisor, shop, "人手不够"))
    assert pace_of(shop).hours == DEFAULT_HOURS
    lines = list(RuleChange.objects.filter(shop=shop, subject="hours").order_by("pk"))
    assert [line.changes for line in lines] == [
        {
            "Shift": ["", "白班"],
            "Days it runs": ["", "Every day"],
            "Times of day": ["", "09:00-12:00, 13:00-18:00"],
            "People expected": ["", "agent"],
        },
        {
            "Shift": ["", "白班"],
            "Days it runs": ["Every day", "Monday · Saturday"],
            "Times of day": ["09:00-12:00, 13:00-18:00", "09:00-18:00"],
        },
        {
            "Shift": ["白班", ""],
            "Days it runs": ["Monday · Saturday", ""],
            "Times of day": ["09:00-18:00", ""],
            "People expected": ["agent", ""],
        },
    ]
    assert [(line.actor, line.comment) for line in lines] == [(supervisor, "")] * 2 + [(supervisor, "人手不够")]


def test_saving_the_same_again_changes_nothing(shop: Shop, supervisor: User) -> None:
    shift = saved(shop, supervisor)
    assert save_shift(shop=shop, shift=shift, draft=draft(), edit=edit_by(supervisor, shop)) is None
    assert RuleChange.objects.count() == 1


def test_a_pause_is_added_changed_and_taken_out_with_its_history(shop: Shop, supervisor: User) -> None:
    planned = PauseDraft(starts_at=NOW, ends_at=NOW + timedelta(hours=2), reason="盘点")
    save_pause(shop=shop, pause=None, draft=planned, edit=edit_by(supervisor, shop))
    assert not pace_of(shop).hours.runs_at(NOW)
    longer = PauseDraft(starts_at=NOW, ends_at=NOW + timedelta(hours=3), reason="盘点")
    save_pause(shop=shop, pause=Pause.objects.get(), draft=longer, edit=edit_by(supervisor, shop))
    remove_pause(pause=Pause.objects.get(), edit=edit_by(supervisor, shop))
    assert pace_of(shop).hours.runs_at(NOW)
    lines = [line.changes for line in RuleChange.objects.order_by("pk")]
    assert [line.get("Until when") for line in lines] == [
        ["", "2026-11-20 16:00"], ["2026-11-20 16:00", "2026-11-20 17:00"], ["2026-11-20 17:00", ""]
    ]  # fmt: skip


def test_only_who_supervises_the_shop_changes_its_hours(
    shop: Shop, other_shop: Shop, supervisor: User, admin: User, agent: User
) -> None:
    saved(other_shop, admin)
    for actor, place in ((agent, shop), (supervisor, other_shop)):
        with pytest.raises(PermissionDenied):
            save_shift(shop=place, shift=None, draft=draft(name="夜班"), edit=edit_by(actor, place))
    assert Shift.objects.count() == 1


def test_nobody_writes_over_what_another_just_changed(shop: Shop, supervisor: User, admin: User) -> None:
    seen = edit_by(supervisor, shop)
    saved(shop, admin)
    with pytest.raises(ChangedMeanwhile):
        save_shift(shop=shop, shift=None, draft=draft(name="夜班"), edit=seen)


def test_agents_of_the_shop_can_be_expected(
    shop: Shop, supervisor: User, agent: User, teammate: User, outsider: User
) -> None:
    teammate.is_active = False
    teammate.save()
    assert list(agents_of(shop)) == [agent]
