"""The words page: who may enter, the test box before keeping, the list, and lists as files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from reviews.models import PhraseChange, Review, Shop, ShopPhrase
from reviews.vocabulary.keeping import add_phrase, switch_phrase
from reviews.vocabulary.rules import Kind
from reviews.vocabulary.wording import Wording
from tests.conftest import NOW

SAID = {"text": "跑珠", "kind": "sign", "cause": "quality.workmanship", "shop": "", "note": "", "days": "365"}
PAGES = ["/words/", "/words/said/", "/words/words.csv", "/words/{pk}/"]
POSTS = ["/words/", "/words/read/", "/words/{pk}/", "/words/{pk}/switch/"]


@pytest.fixture
def client(sign_in: Callable[[User], Client], admin: User) -> Client:
    return sign_in(admin)


@pytest.fixture
def kept(admin: User, shop: Shop) -> ShopPhrase:
    wording = Wording(shop=shop, text="跑珠", kind=Kind.SIGN, cause="quality.workmanship", note="钢笔")
    return add_phrase(wording=wording, actor=admin, now=NOW)


@pytest.mark.parametrize(("method", "address"), [("get", page) for page in PAGES] + [("post", page) for page in POSTS])
def test_only_admins_keep_words(
    sign_in: Callable[[User], Client], agent: User, supervisor: User, kept: ShopPhrase, method: str, address: str
) -> None:
    address = address.format(pk=kept.pk)
    for user in (agent, supervisor):
        assert getattr(sign_in(user), method)(address, SAID).status_code == 403
    assert getattr(Client(), method)(address).headers["Location"].startswith("/accounts/login/")
    assert PhraseChange.objects.count() == 1


@pytest.mark.parametrize("address", ["/words/999999/", "/words/words.csv?of=999999"])
def test_what_does_not_exist_answers_404(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/words/read/", "/words/{pk}/switch/"])
def test_changes_are_posted(client: Client, kept: ShopPhrase, address: str) -> None:
    assert client.get(address.format(pk=kept.pk)).status_code == 405


def test_the_effect_is_shown_before_anything_is_kept(client: Client, make_review: Callable[..., Review]) -> None:
    make_review(content="才写两天<b>就跑珠</b>,太差了", causes=["courier.slow"])
    answer = client.get("/words/", SAID)
    page = answer.content.decode()
    assert '&lt;b&gt;就<mark class="mark word-mark">跑珠</mark>&lt;/b&gt;' in page
    assert answer.context["effect"].containing == 1
    assert [(outcome.value, count) for outcome, count in answer.context["effect"].outcomes if count] == [("added", 1)]
    assert '<input type="hidden" name="text" value="跑珠">' in page
    assert not ShopPhrase.objects.exists()


def test_typing_fetches_the_effect_alone(client: Client, make_review: Callable[..., Review]) -> None:
    make_review(content="跑珠")
    page = client.get("/words/", SAID, headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith('<section id="effect"')
    assert "<html" not in page


def test_a_phrase_that_cannot_be_kept_is_told_while_typing(client: Client) -> None:
    answer = client.get("/words/", {**SAID, "text": "差"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "effect" not in answer.context
    assert "One character" in answer.content.decode() or "单个" in answer.content.decode()


def test_a_phrase_is_kept(client: Client, admin: User, shop: Shop) -> None:
    answer = client.post("/words/", {**SAID, "shop": shop.pk, "note": "钢笔"}, follow=True)
    assert answer.redirect_chain == [("/words/", 302)]
    phrase = ShopPhrase.objects.get()
    assert (phrase.text, phrase.shop, phrase.cause, phrase.note, phrase.created_by) == (
        "跑珠", shop, "quality.workmanship", "钢笔", admin,
    )  # fmt: skip
    assert "跑珠" in answer.content.decode()


@pytest.mark.parametrize(
    "wrong", [{"text": ""}, {"text": "差"}, {"text": "字句" * 100}, {"cause": ""}, {"kind": "x"}, {"shop": "999"}]
)
def test_what_cannot_be_kept_is_refused(client: Client, wrong: dict[str, str]) -> None:
    answer = client.post("/words/", {**SAID, **wrong})
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not ShopPhrase.objects.exists()


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "'; DROP TABLE x; --", "{{ 7*7 }}", "%(phrase)s", "c++[a-"]
)
def test_a_hostile_phrase_is_only_a_phrase(client: Client, make_review: Callable[..., Review], text: str) -> None:
    make_review(content=f"写着{text}呢")
    looked = client.get("/words/", {**SAID, "text": text})
    assert looked.context["effect"].containing == 1
    page = client.post("/words/", {**SAID, "text": text}, follow=True).content.decode()
    assert ShopPhrase.objects.get().text == text
    assert escape(text) in page
    assert "<script>alert" not in looked.content.decode() + page


@pytest.mark.parametrize(
    "address", ["?text=%00&kind=sign", "?find=%00", "?page=x", "?of=%C2%B2", "?text=%FF", "?shop=x&text=a"]
)
def test_a_broken_address_is_answered(client: Client, address: str) -> None:
    assert client.get("/words/" + address).status_code == 200


def test_the_same_rule_is_not_kept_twice(client: Client, kept: ShopPhrase, shop: Shop) -> None:
    answer = client.post("/words/", {**SAID, "shop": shop.pk})
    assert answer.status_code == 422
    assert ShopPhrase.objects.count() == 1


def test_a_phrase_is_changed_and_its_history_shown(client: Client, kept: ShopPhrase, shop: Shop) -> None:
    switch_phrase(phrase=kept, is_active=False, actor=kept.created_by, now=NOW)
    changed = {**SAID, "shop": shop.pk, "text": "跑珠了", "cause": "quality.defect"}
    assert client.post(f"/words/{kept.pk}/", changed).headers["Location"] == f"/words/{kept.pk}/"
    kept.refresh_from_db()
    assert (kept.text, kept.normal, kept.cause, kept.is_active) == ("跑珠了", "跑珠了", "quality.defect", False)
    page = client.get(f"/words/{kept.pk}/").content.decode()
    assert "跑珠 → 跑珠了" in page
    assert page.count("<time") == 3


def test_a_phrase_is_switched_off_and_on(client: Client, kept: ShopPhrase) -> None:
    for active in ("0", "1"):
        client.post(f"/words/{kept.pk}/switch/", {"active": active})
        kept.refresh_from_db()
        assert kept.is_active is (active == "1")


def test_the_list_is_found_by_word_and_shop(client: Client, kept: ShopPhrase, admin: User, other_shop: Shop) -> None:
    for text, where in {"糊底": None, "ＵＳＢ口": other_shop}.items():
        add_phrase(wording=Wording(shop=where, text=text, kind=Kind.WORD, cause=""), actor=admin, now=NOW)

    def listed(**wanted: Any) -> list[str]:
        return [phrase.text for phrase in client.get("/words/", wanted).context["page"]]

    assert listed() == ["ＵＳＢ口", "糊底", "跑珠"]
    assert listed(find="usb") == ["ＵＳＢ口"]
    assert listed(find="钢笔") == ["跑珠"]
    assert listed(of=kept.shop_id) == ["跑珠"]
    assert listed(of="all") == ["糊底"]
    assert listed(of="nonsense") == []


def test_what_buyers_say_is_a_part_of_the_page_or_a_page_of_its_own(
    client: Client, make_review: Callable[..., Review], shop: Shop, other_shop: Shop
) -> None:
    for _ in range(8):
        make_review(content="这支笔跑珠掉色", causes=["quality.workmanship"])
        make_review(content="快递太慢", causes=["courier.slow"])
    part = client.get("/words/said/", {"shop": shop.pk, "days": "365"}, headers={"HX-Request": "true"})
    assert part.content.decode().lstrip().startswith('<section id="said"')
    assert f"/words/?text=%E6%8E%89%E8%89%B2&amp;shop={shop.pk}#add" in part.content.decode()
    assert "掉色" in client.get("/words/said/").content.decode()
    assert "掉色" not in client.get("/words/said/", {"shop": other_shop.pk}).content.decode()
    assert "said" not in client.get("/words/said/", {"shop": "999"}).context
    assert "said" not in client.get("/words/said/", {"days": "1000000"}).context


def test_a_word_taken_from_what_buyers_say_is_put_into_the_form_unjudged(client: Client, shop: Shop) -> None:
    form = client.get("/words/", {"text": "掉色", "shop": shop.pk}).context["form"]
    assert (form["text"].value(), form["shop"].value(), form.is_bound) == ("掉色", str(shop.pk), False)


def test_a_list_is_read_from_a_file_and_bad_lines_are_told(client: Client, shop: Shop) -> None:
    file = SimpleUploadedFile("words.csv", "phrase,cause,note\n跑珠,quality.workmanship,\n差,,\n".encode())
    page = client.post("/words/read/", {"shop": shop.pk, "file": file})
    assert page.context["received"][:3] == (1, 0, 0)
    assert [line.line for line in page.context["received"].refused] == [3]
    assert ShopPhrase.objects.get().shop == shop


@pytest.mark.parametrize("content", [b"", b"nothing useful", b"x" * ((1 << 20) + 1)])
def test_a_file_that_is_no_list_is_refused(client: Client, content: bytes) -> None:
    answer = client.post("/words/read/", {"file": SimpleUploadedFile("words.csv", content)})
    assert answer.status_code == 422
    assert "file" in answer.context["form"].errors


def test_a_list_is_given_out(client: Client, kept: ShopPhrase) -> None:
    answer = client.get("/words/words.csv", {"of": kept.shop_id})
    assert answer.content.decode().splitlines()[1] == "跑珠,quality.workmanship,钢笔,sign"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="words-first.csv"'
    assert len(client.get("/words/words.csv").content.decode().splitlines()) == 1


def test_the_list_costs_the_same_however_long_it_is(
    client: Client, admin: User, shop: Shop, django_assert_num_queries: Callable[..., Any]
) -> None:
    client.get("/words/")
    for number in range(30):
        wording = Wording(shop=shop, text=f"词语{number}", kind=Kind.WORD, cause="")
        add_phrase(wording=wording, actor=admin, now=NOW)
    with django_assert_num_queries(10):
        client.get("/words/")
