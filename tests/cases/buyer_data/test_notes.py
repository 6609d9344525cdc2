"""Notes about a buyer, for whoever talks to the buyer next."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from cases.buyer_data.notes import notes_about, write_note
from cases.buyers import buyer_of
from cases.models import BuyerNote, Case
from reviewdesk.append_only import AppendOnlyError
from reviews.models import Review, Shop
from tests.conftest import NOW

MakeCase = Callable[..., Case]
MakeReview = Callable[..., Review]


def test_a_note_is_shown_at_all_cases_of_the_buyer_in_the_shop(
    make_case: MakeCase, make_review: MakeReview, agent: User, other_shop: Shop
) -> None:
    written_at = make_case(make_review(buyer_name="小鱼儿"), owner=agent)
    note = write_note(case=written_at, text="性子急,18点后再打", actor=agent, now=NOW)
    elsewhere = make_review(buyer_name="小鱼儿", shop=other_shop)
    for review, notes in ((make_review(buyer_name="小鱼儿"), [note]), (make_review(), []), (elsewhere, [])):
        assert list(notes_about(buyer_of(review, None))) == notes


def test_history_says_that_there_was_a_note_and_not_which(make_case: MakeCase, agent: User) -> None:
    case = make_case(owner=agent)
    write_note(case=case, text="性子急", actor=agent, now=NOW)
    line = case.changes.get()
    assert (line.kind, line.actor, line.comment, line.changes) == ("noted", agent, "", {})


def test_numbers_in_it_are_masked(make_case: MakeCase, agent: User) -> None:
    assert (
        write_note(case=make_case(owner=agent), text="改打13912340000", actor=agent, now=NOW).text == "改打139****0000"
    )


def test_only_who_works_the_case_writes_one(make_case: MakeCase, agent: User, teammate: User) -> None:
    with pytest.raises(PermissionDenied):
        write_note(case=make_case(owner=agent), text="性子急", actor=teammate, now=NOW)
    assert not BuyerNote.objects.exists()


def test_it_stays_as_written(make_case: MakeCase, agent: User) -> None:
    note = write_note(case=make_case(owner=agent), text="性子急", actor=agent, now=NOW)
    for attempt in (note.save, note.delete, BuyerNote.objects.all().delete, lambda: BuyerNote.objects.update(text="")):
        with pytest.raises(AppendOnlyError):
            attempt()
