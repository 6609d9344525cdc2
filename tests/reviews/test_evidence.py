from hypothesis import given
from hypothesis import strategies as st

from reviews.evidence import Piece, pieces


def test_spans_cut_the_text_in_order() -> None:
    assert pieces("等了九天才到,颜色不对", [("colour.shade", [[7, 11]]), ("courier.slow", [[0, 6]])]) == [
        Piece("等了九天才到", "courier.slow"),
        Piece(",", ""),
        Piece("颜色不对", "colour.shade"),
    ]


def test_the_earlier_cause_wins_an_overlap() -> None:
    assert pieces("abcd", [("quality.defect", [[1, 3]]), ("price.fee", [[2, 4]])]) == [
        Piece("a", ""),
        Piece("bc", "quality.defect"),
        Piece("d", "price.fee"),
    ]


@given(st.text(), st.lists(st.tuples(st.integers(-5, 40), st.integers(-5, 40))))
def test_no_character_is_lost_whatever_the_spans(text: str, spans: list[tuple[int, int]]) -> None:
    assert "".join(piece.text for piece in pieces(text, [("other", spans)])) == text
