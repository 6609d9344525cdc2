"""Whatever a program sends is a table of text, or a problem with a name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reviews.push.bodies import JSON, JSON_LINES, Table, read_items, tabulate
from reviews.push.problems import Problem

ANY_TEXT = st.text(st.characters(exclude_categories=()))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT | st.just("replies"), inner, max_size=4),
    max_leaves=12,
)
ITEMS = st.lists(st.dictionaries(ANY_TEXT | st.sampled_from(["content", "replies"]), VALUES, max_size=6), max_size=6)


def table_of(body: bytes, media_type: str = JSON) -> Table | None:
    try:
        return tabulate(read_items(body, media_type))
    except Problem:
        return None


@given(st.binary(), st.sampled_from([JSON, JSON_LINES]))
@example(b"\xef\xbb\xbf[{}]", JSON)
@example(b'"\\ud800"', JSON_LINES)
def test_any_bytes_are_a_table_or_a_problem(body: bytes, media_type: str) -> None:
    table_of(body, media_type)


@given(ITEMS, st.booleans())
def test_any_objects_make_a_table_that_can_be_stored(items: list[dict[str, Any]], is_lines: bool) -> None:
    separate = ("[", ",", "]") if not is_lines else ("", "\n", "")
    body = separate[0] + separate[1].join(map(json.dumps, items)) + separate[2]
    table = table_of(body.encode(), JSON_LINES if is_lines else JSON)
    if table is not None:
        assert len(table.rows) == len(items)
        assert {len(row) for row in table.rows} == {len(table.headings)}
        "".join(cell for row in (table.headings, *table.rows) for cell in row).encode()


@given(st.lists(st.integers() | ANY_TEXT, min_size=1, max_size=20))
def test_texts_and_whole_numbers_come_out_as_they_went_in(values: list[int | str]) -> None:
    table = tabulate(read_items(json.dumps([{"content": value} for value in values]).encode(), JSON))
    whole = [str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace") for value in values]
    assert [row[0] for row in table.rows] == whole


@pytest.mark.parametrize(
    ("literal", "cell"),
    [
        ("12345678901234567890123456789", "12345678901234567890123456789"),
        ("1.2e17", "1.2e+17"),
        ("123456789012345678.0", "1.2345678901234568e+17"),
        ("59.90", "59.9"),
        ("true", "true"),
        ("null", ""),
        ('["红", 2]', '["红","2"]'),
        ('{"a": {"b": null}}', '{"a":{"b":null}}'),
    ],
)
def test_how_values_are_written(literal: str, cell: str) -> None:
    assert tabulate(read_items(f'[{{"f": {literal}}}]'.encode(), JSON)).rows == [[cell]]


@pytest.mark.parametrize(
    ("replies", "cell"),
    [
        ([{"content": "谢谢", "id": 1}, {"content": "再见"}], "谢谢"),
        (["谢谢"], "谢谢"),
        ([], ""),
        ([{}], ""),
        (None, ""),
        ("谢谢", "谢谢"),
    ],
)
def test_the_first_reply_is_the_sellers(replies: Any, cell: str) -> None:
    assert tabulate(read_items(json.dumps([{"replies": replies}]).encode(), JSON)).rows == [[cell]]
