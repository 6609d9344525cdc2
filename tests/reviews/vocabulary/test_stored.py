"""Which phrases count in a shop, how a change reaches every process, and what imports make of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from reviewdesk.append_only import AppendOnlyError
from reviews.correction import correct_causes
from reviews.ingest.storing.classifying import Opinion, judge
from reviews.learning import refreshing
from reviews.models import PhraseChange, Review, ReviewCause, Shop, ShopPhrase
from reviews.vocabulary.keeping import change_phrase, switch_phrase
from reviews.vocabulary.rules import Kind
from reviews.vocabulary.stored import vocabulary_of
from reviews.vocabulary.wording import Wording
from tests.conftest import NOW
from tests.reviews.ingest.exports import imported

Add = Callable[..., ShopPhrase]


def test_a_shop_has_its_own_phrases_and_those_of_all_shops(add: Add, shop: Shop, other_shop: Shop) -> None:
    add("跑珠")
    add("糊底", shop=None)
    assert set(vocabulary_of(shop.pk).signs) == {"跑珠", "糊底"}
    assert set(vocabulary_of(other_shop.pk).signs) == {"糊底"}


def test_the_shops_own_rule_prevails(add: Add, shop: Shop, other_shop: Shop) -> None:
    add("糊底", kind=Kind.NO_SIGN)
    add("糊底", shop=None)
    assert vocabulary_of(shop.pk).no_signs == {"糊底": {"quality.workmanship"}}
    assert not vocabulary_of(shop.pk).signs
    assert vocabulary_of(other_shop.pk).signs == {"糊底": {"quality.workmanship"}}


def test_changes_count_from_the_next_look_on(add: Add, admin: User, shop: Shop) -> None:
    phrase = add("跑珠")
    assert vocabulary_of(shop.pk).has_rules
    switch_phrase(phrase=phrase, is_active=False, actor=admin, now=NOW)
    assert not vocabulary_of(shop.pk).has_rules
    switch_phrase(phrase=phrase, is_active=True, actor=admin, now=NOW)
    assert vocabulary_of(shop.pk).has_rules


def test_a_change_that_is_rolled_back_leaves_nothing_behind(add: Add, shop: Shop) -> None:
    with transaction.atomic():
        add("跑珠")
        assert vocabulary_of(shop.pk).has_rules
        transaction.set_rollback(True)
    add("糊底")
    assert set(vocabulary_of(shop.pk).signs) == {"糊底"}


def test_a_look_at_an_unchanged_vocabulary_is_one_query(
    add: Add, shop: Shop, django_assert_num_queries: Callable[..., Any]
) -> None:
    add("跑珠")
    vocabulary_of(shop.pk)
    with django_assert_num_queries(1):
        vocabulary_of(shop.pk)


def test_history_keeps_who_changed_what(add: Add, admin: User, supervisor: User) -> None:
    phrase = add("跑珠", note="钢笔")
    wording = Wording(shop=None, text="跑珠", kind=Kind.NO_SIGN, cause="quality.workmanship", note="钢笔")
    change_phrase(phrase=phrase, wording=wording, actor=supervisor, now=NOW)
    change_phrase(phrase=phrase, wording=wording, actor=supervisor, now=NOW)
    newest, first = phrase.changes.all()
    assert (first.actor, first.changes["text"], first.changes["note"]) == (admin, [None, "跑珠"], [None, "钢笔"])
    assert (newest.actor, newest.changes) == (supervisor, {"kind": ["sign", "no_sign"], "shop": ["第一小店", None]})
    with pytest.raises(AppendOnlyError):
        newest.save()
    assert PhraseChange.objects.count() == 2


@pytest.mark.parametrize("is_for_all", [False, True])
def test_a_phrase_has_one_rule_per_cause_and_shop(add: Add, shop: Shop, is_for_all: bool) -> None:
    where = None if is_for_all else shop
    add("USB", shop=where)
    add("ＵＳＢ", "quality.defect", shop=where)
    with pytest.raises(ValidationError):
        add("usb", shop=where)
    assert ShopPhrase.objects.count() == PhraseChange.objects.count() == 2


def opinion(content: str, **fields: Any) -> Opinion:
    return Opinion(**{"rating": "bad", "stars": None, "content": content, "append_content": "", **fields})


def test_judging_uses_the_words_of_each_reviews_shop(add: Add, shop: Shop, other_shop: Shop) -> None:
    add("跑珠", "colour.shade")
    text = "用了两天就跑珠了,太差"
    own, other, nobodys = [judge([opinion(text)], shops)[0] for shops in ([shop.pk], [other_shop.pk], [])]
    assert [cause.code for cause in own.causes] == [*(cause.code for cause in other.causes), "colour.shade"]
    assert own.causes[-1].score is None
    assert other == nobodys
    assert own._replace(causes=[]) == other._replace(causes=[])


def test_a_good_review_gets_no_cause(add: Add, shop: Shop) -> None:
    add("跑珠")
    assert judge([opinion("很好用,没有跑珠,满意", rating="good")], [shop.pk])[0].causes == []


def test_a_phrase_in_the_follow_up_counts_but_marks_nothing_in_the_review(add: Add, shop: Shop) -> None:
    add("跑珠", "colour.shade")
    found = judge([opinion("太差了", append_content="又跑珠了,差评")], [shop.pk])[0].causes
    assert [cause.spans for cause in found if cause.code == "colour.shade"] == [[]]


def test_words_of_the_platform_are_not_the_buyers(add: Add, shop: Shop) -> None:
    add("没有填写")
    found = judge([opinion("此用户没有填写评价。")], [shop.pk])[0].causes
    assert [cause.code for cause in found] == ["other"]


def export(content: str, reply: str = "") -> bytes:
    file = io.StringIO()
    headings = ["订单号", "买家昵称", "评价结果", "评价内容", "评价时间", "追评内容"]
    csv.writer(file).writerows([headings, ["2611200000000000001", "买**9", "差评", content, "2026-11-18 10:00", reply]])
    return file.getvalue().encode()


def stored_causes() -> dict[str, tuple[str, bool]]:
    return {cause.code: (cause.source, cause.score is None) for cause in ReviewCause.objects.all()}


def test_an_import_stores_what_the_words_found_and_a_later_one_makes_it_anew(add: Add, admin: User, shop: Shop) -> None:
    phrase = add("跑珠", "colour.shade")
    imported(shop, export("用了两天就跑珠了,太差"))
    assert stored_causes()["colour.shade"] == ("words", True)
    assert {told for code, told in stored_causes().items() if code != "colour.shade"} <= {("model", False)}
    switch_phrase(phrase=phrase, is_active=False, actor=admin, now=NOW)
    imported(shop, export("用了两天就跑珠了,太差", "还是差"))
    assert "colour.shade" not in stored_causes()


def test_what_a_person_decided_stays(add: Add, agent: User, shop: Shop) -> None:
    imported(shop, export("用了两天就跑珠了,太差"))
    correct_causes(review=Review.objects.get(), codes=["price.fee"], actor=agent, now=NOW)
    add("跑珠", "colour.shade")
    imported(shop, export("用了两天就跑珠了,太差", "还是跑珠"))
    assert stored_causes() == {"price.fee": ("person", False)}


def test_a_refresh_brings_the_words_to_stored_reviews_but_not_to_decided_ones(
    add: Add, admin: User, agent: User, make_review: Callable[..., Review]
) -> None:
    stored, decided = make_review(content="用了两天就跑珠了,太差"), make_review(content="又跑珠了,太差")
    correct_causes(review=decided, codes=["price.fee"], actor=agent, now=NOW)
    phrase = add("跑珠", "colour.shade")
    refreshing.run(refreshing.start_refresh(actor=admin, now=NOW).pk)
    assert list(stored.causes.filter(source="words").values_list("code", "spans")) == [("colour.shade", [[5, 7]])]
    assert [cause.code for cause in decided.causes.all()] == ["price.fee"]
    switch_phrase(phrase=phrase, is_active=False, actor=admin, now=NOW)
    refreshing.run(refreshing.start_refresh(actor=admin, now=NOW).pk)
    assert not stored.causes.filter(source="words").exists()
