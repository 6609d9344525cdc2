"""Spans of a day, as a person writes them."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from cases.working_time import Span, SpansRefused, read_spans, spans_in_words


@pytest.mark.parametrize(
    ("text", "spans", "words"),
    [
        ("09:00-18:00", [(540, 1080)], "09:00-18:00"),
        ("13:00-18:00, 9:00-12:00", [(540, 720), (780, 1080)], "09:00-12:00, 13:00-18:00"),
        ("9：00—12：00，13：00至18：00、19:00～21:30", [(540, 720), (780, 1080), (1140, 1290)],
         "09:00-12:00, 13:00-18:00, 19:00-21:30"),
        ("22:00-02:00", [(1320, 1560)], "22:00-02:00"),
        ("20:00-24:00", [(1200, 1440)], "20:00-24:00"),
        ("20:00-00:00", [(1200, 1440)], "20:00-24:00"),
        ("00:00-24:00", [(0, 1440)], "00:00-24:00"),
        ("09:00-12:00\n12:00-18:00", [(540, 720), (720, 1080)], "09:00-12:00, 12:00-18:00"),
        ("02:00-06:00, 22:00-02:00", [(120, 360), (1320, 1560)], "02:00-06:00, 22:00-02:00"),
    ],
)  # fmt: skip
def test_spans_are_read_and_told(text: str, spans: list[tuple[int, int]], words: str) -> None:
    assert read_spans(text) == tuple(Span(*span) for span in spans)
    assert spans_in_words(read_spans(text)) == words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "at least one span"),
        (" , ", "at least one span"),
        ("nine to five", "write it like"),
        ("9-18", "write it like"),
        ("09:00-18:60", "no time of day"),
        ("24:00-25:00", "no time of day"),
        ("09:00-24:30", "no time of day"),
        ("09:00-09:00", "ends as it starts"),
        ("09:00-13:00, 12:00-18:00", "09:00-13:00 and 12:00-18:00 overlap"),
        ("01:00-06:00, 22:00-02:00", "overlap"),
        ("00:00-24:00, 09:00-10:00", "overlap"),
        (",".join(f"{hour:02}:00-{hour:02}:30" for hour in range(13)), "At most 12"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(text: str, message: str) -> None:
    with translation.override("en"), pytest.raises(SpansRefused, match=message):
        read_spans(text)


@given(st.text(alphabet="0123456789:-,~ ：至", max_size=40))
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        spans = read_spans(text)
    except SpansRefused:
        return
    assert read_spans(spans_in_words(spans)) == spans
