from collections.abc import Callable

from django.template import Context, Template

from reviews.models import Review


def test_marks_carry_colour_and_name_and_markup_of_buyers_stays_text(make_review: Callable[..., Review]) -> None:
    review = make_review(causes=["courier.slow"], content="<b>太慢了</b>等了九天")
    html = Template("{% load review_text %}{% marked_text review %}").render(Context({"review": review}))
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert '<mark class="mark mark-courier" title="' in html


def test_found_words_are_marked_within_and_beyond_the_evidence(make_review: Callable[..., Review]) -> None:
    review = make_review(causes=["courier.slow"], content="等了九天才到货")
    html = Template("{% load review_text %}{% marked_text review found %}").render(
        Context({"review": review, "found": ["才到货"]})
    )
    assert '等了九天<mark class="found">才到</mark></mark><mark class="found">货</mark>' in html
