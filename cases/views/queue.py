"""The queue beside the case: tabs, filters, rows, pages, and the addresses they lead to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from cases.bulk.deeds import kinds_for
from cases.forms import QueueFilterForm
from cases.models import BulkAct, Case, SavedView, Step
from cases.queues import COUNTED_AT_MOST, View, count_of, counts_of, last_line, next_case_for, queue_of
from cases.saved_views import query_of
from cases.views.clock import Clock, clock
from cases.views.dues import place_in_words
from cases.views.queue_news import SHOWN, ListNews, news_of, shown_rows
from reviewdesk.access import SignedInRequest
from reviews.models import Review
from reviews.text_search.marking import found_spans
from reviews.text_search.query import terms_of

PAGE_SIZE = 50
VIEWS_SHOWN = 40
"""Saved views that the menu of the queue lists."""


@dataclass(frozen=True)
class Tab:
    view: str
    label: str
    count: int
    has_more: bool
    """There are more than were counted."""
    url: str
    is_here: bool


@dataclass(frozen=True)
class QueueRow:
    """A case of the list; `clock` None once it is closed, `step` None once all are done."""

    case: Case
    clock: Clock | None
    why: str
    """Why it stands here."""
    words: str
    """What the buyer wrote: the review, or the follow-up where only that holds what was searched for."""
    step: Step | None
    url: str
    is_selected: bool


class Queue:
    """What the address of the desk describes, for the person who asks. `selected` is the case that stands open."""

    def __init__(self, request: SignedInRequest, now: datetime) -> None:
        self.user = request.user
        self.now = now
        self.parameters = request.GET
        self.headers = request.headers
        self.form = QueueFilterForm(request.user, request.GET)
        self.filters = self.form.filters
        self.selected: Case | None = None
        self.has_more = False
        """Whether the pages end before the queue does; known with `page`."""

    @cached_property
    def counts(self) -> dict[str, int]:
        return counts_of(self.user)

    @property
    def page(self) -> Page[Case]:
        return self._read[1]

    @property
    def seen(self) -> int:
        """The page holds what happened up to this line of history."""
        return self._read[0]

    @cached_property
    def _read(self) -> tuple[int, Page[Case]]:
        # The line first: what happens in between is then told twice, and not missed.
        line = last_line()
        cases: QuerySet[Case] = queue_of(self.user, self.filters)
        paginator = Paginator(cases, PAGE_SIZE)
        found = count_of(cases) if self.is_filtered else self.counts[self.filters.view]
        paginator.count = min(found, COUNTED_AT_MOST)
        self.has_more = found > COUNTED_AT_MOST
        return line, paginator.get_page(self.parameters.get("page"))

    @cached_property
    def rows(self) -> list[QueueRow]:
        return [self._row(case) for case in self.page]

    def _row(self, case: Case) -> QueueRow:
        return QueueRow(
            case=case,
            clock=clock(case.closes_at, self.now) if case.closes_at else None,
            why=place_in_words(case, self.now),
            words=self._words(case.review),
            step=Step(case.steps_done + 1) if case.steps_done < len(Step) else None,
            url=self.address(case),
            is_selected=case == self.selected,
        )

    def _words(self, review: Review) -> str:
        if found_spans(review.append_content, self.found) and not found_spans(review.content, self.found):
            return review.append_content
        return review.content or review.append_content

    @cached_property
    def found(self) -> list[str]:
        """The words that were searched for, to be marked in the rows."""
        return terms_of(self.filters.q)

    @cached_property
    def news(self) -> ListNews | None:
        """How the list differs from the rows that the page at hand shows; None where it does not say which."""
        shown = shown_rows(self.headers.get(SHOWN, ""))
        return news_of([row.case for row in self.rows], shown, self.user, self.filters.view) if shown else None

    @cached_property
    def views(self) -> list[SavedView]:
        """The saved views the person may choose from."""
        return list(SavedView.objects.shown_to(self.user)[:VIEWS_SHOWN])

    @property
    def view_here(self) -> SavedView | None:
        """The saved view that stands in the address, if any does."""
        query = query_of(self.filters)
        return next((view for view in self.views if view.query == query), None)

    @property
    def tabs(self) -> list[Tab]:
        return [
            Tab(
                view.value,
                str(view.label),
                min(self.counts[view], COUNTED_AT_MOST),
                self.counts[view] > COUNTED_AT_MOST,
                self._desk(view=view.value, page=None),
                view == self.filters.view,
            )
            for view in View
        ]

    @property
    def is_filtered(self) -> bool:
        filters = self.filters
        return bool(filters.q or filters.tier or filters.cause or filters.shop or filters.batch)

    @property
    def kinds(self) -> list[BulkAct.Kind]:
        """What may be done with rows that are chosen; one's own are claimed already."""
        is_mine = self.filters.view == View.MINE
        return [kind for kind in kinds_for(self.user) if not (is_mine and kind is BulkAct.Kind.CLAIM)]

    @property
    def has_shops(self) -> bool:
        """Whether rows need to say of which shop they are."""
        return self.form.has_shops

    @cached_property
    def query(self) -> str:
        """The filters as they stand in the address, without the selection; "" for none."""
        return self._query()

    @property
    def suffix(self) -> str:
        """What an action's address ends in, so that it leads back here."""
        return _joined("", self.query)

    def address(self, case: Case) -> str:
        """The page of `case` with this queue beside it."""
        return _joined(case.get_absolute_url(), self.query)

    @property
    def here(self) -> str:
        """The queue as it stands, with the open case marked."""
        return self._desk()

    @property
    def changes(self) -> str:
        """Where the page asks whether the list has changed."""
        return _joined(reverse("cases:changes"), self._query(case=self._open_case))

    @property
    def keep(self) -> str:
        """Where these filters are kept under a name, coming back to the open case."""
        return _joined(reverse("cases:keep_view"), self._query(case=self._open_case, page=None))

    @property
    def menu(self) -> str:
        return _joined(reverse("cases:views_menu"), self._query(page=None))

    @property
    def saved(self) -> str:
        """The page of the saved views, which leads back here."""
        return _joined(reverse("cases:saved_views"), self._query(page=None))

    @property
    def unfiltered(self) -> str:
        return _joined(reverse("cases:desk"), f"view={self.filters.view}")

    @property
    def next_case(self) -> str:
        return _joined(reverse("cases:next_case"), self._query(case=self._open_case))

    def after(self, current: Case | None) -> Case | None:
        """What follows `current` in it."""
        return next_case_for(self.user, self.filters, current)

    @property
    def takes(self) -> bool:
        """Whether going on may make a case one's own."""
        return self.filters.view in {View.MINE, View.UNASSIGNED}

    @property
    def previous_page(self) -> str:
        return self._desk(page=str(self.page.previous_page_number()))

    @property
    def next_page(self) -> str:
        return self._desk(page=str(self.page.next_page_number()))

    def _desk(self, **changes: str | None) -> str:
        return _joined(reverse("cases:desk"), self._query(case=self._open_case, **changes))

    @property
    def _open_case(self) -> str | None:
        """As it stands in the address."""
        return str(self.selected.pk) if self.selected else None

    def _query(self, **changes: str | None) -> str:
        parameters: QueryDict = self.parameters.copy()
        for name, value in ({"case": None} | changes).items():
            parameters.pop(name, None)
            if value is not None:
                parameters[name] = value
        for name in [name for name, value in parameters.items() if value == ""]:
            del parameters[name]
        return parameters.urlencode()


def _joined(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
