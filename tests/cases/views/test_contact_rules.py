"""The rules of contact and the attachments, as the page of a case shows them and takes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from cases.contacts.entries import ContactDraft, log_contact
from cases.models import Case, ContactAttachment, ContactRuling
from reviews.models import Review
from tests.cases.pictures import PDF, photo
from tests.conftest import NOW

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]
MakeReview = Callable[..., Review]

pytestmark = pytest.mark.django_db

TALK = {"direction": "outgoing", "channel": "chat", "result": "reached", "said": "买家发来照片"}
DECISIONS = ["no-phone", "may-phone", "exception"]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    return lambda now: monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture(autouse=True)
def _afternoon(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


@pytest.fixture
def english(sign_in: SignIn) -> SignIn:
    def client_of(user: User) -> Client:
        client = sign_in(user)
        client.post("/language/", {"language": "en"})
        return client

    return client_of


@pytest.fixture
def asked(make_case: MakeCase, make_review: MakeReview, agent: User) -> Case:
    review = make_review(content="等了九天,别打电话<b>", append_content="再打电话我就投诉", append_at=NOW)
    return make_case(review, owner=agent)


def attach(case: Case, client: Client, *files: tuple[str, bytes]) -> Any:
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(f"/desk/{case.pk}/contact/", TALK | {"attachments": uploads})


def test_the_words_are_marked_where_they_stand(asked: Case, agent: User, english: SignIn) -> None:
    client = english(agent)
    said = TALK | {"direction": "incoming", "said": "我说了不要打电话给我<i>"}
    client.post(f"/desk/{asked.pk}/contact/", said)
    page = client.get(f"/desk/{asked.pk}/")
    for words in ("别打电话", "再打电话我就投诉", "不要打电话"):
        assertContains(page, f'<mark class="mark mark-phone" title="Asks not to be phoned">{words}</mark>')
    assertContains(page, "&lt;b&gt;")
    assertContains(page, "给我&lt;i&gt;")
    assertContains(page, '<mark class="mark mark-courier"')
    assertNotContains(page, "<b>")


def test_the_way_from_block_to_call(asked: Case, agent: User, supervisor: User, english: SignIn) -> None:
    mine, theirs = english(agent), english(supervisor)
    call = TALK | {"channel": "phone"}
    assertContains(mine.post(f"/desk/{asked.pk}/contact/", call), "asked not to be phoned", status_code=409)
    assertNotContains(mine.get(f"/desk/{asked.pk}/"), f"/desk/{asked.pk}/may-phone/")
    assertContains(theirs.get(f"/desk/{asked.pk}/"), f'action="/desk/{asked.pk}/may-phone/"')
    assert theirs.post(f"/desk/{asked.pk}/may-phone/", {"reason": ""}).status_code == 422
    lifted = theirs.post(f"/desk/{asked.pk}/may-phone/", {"reason": "买家改口"})
    assertRedirects(lifted, f"/desk/{asked.pk}/")
    assertContains(mine.get(f"/desk/{asked.pk}/"), "may be phoned again: 买家改口")
    assert mine.post(f"/desk/{asked.pk}/contact/", call).status_code == 302


def test_the_form_says_what_is_used_and_when_the_next_may_be(
    agent: User, supervisor: User, english: SignIn, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    page = english(agent).get(f"/desk/{case.pk}/")
    assertContains(page, "0 of 2 within 1 day")
    assertContains(page, "21:00–09:00")
    for _number in range(2):
        log_contact(case=case, actor=agent, now=NOW, draft=ContactDraft("phone", "no_answer", "未接"))
    page = english(agent).get(f"/desk/{case.pk}/")
    assertContains(page, "2 of 2 within 1 day")
    assertContains(page, "The next call may be made from 11-21 14:00")
    assert page.context["forms"]["contact"]["channel"].value() == "chat"
    assertNotContains(page, f"/desk/{case.pk}/exception/")
    client = english(supervisor)
    assertContains(client.get(f"/desk/{case.pk}/"), f'action="/desk/{case.pk}/exception/"')
    client.post(f"/desk/{case.pk}/exception/", {"reason": "买家约的"})
    assertContains(english(agent).get(f"/desk/{case.pk}/"), "allowed one contact beyond the limits: 买家约的")
    assert english(agent).post(f"/desk/{case.pk}/contact/", TALK | {"channel": "phone"}).status_code == 302
    assertContains(english(agent).get(f"/desk/{case.pk}/"), "beyond the limits, by exception")


def test_at_night_the_page_says_so(
    agent: User, english: SignIn, make_case: MakeCase, set_clock: Callable[[datetime], None]
) -> None:
    case = make_case(owner=agent)
    set_clock(NOW.replace(hour=23))
    page = english(agent).get(f"/desk/{case.pk}/")
    assertContains(page, "Calls and text messages may be made from 11-21 09:00")


def test_how_long_a_talk_was_is_entered_and_shown(agent: User, english: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = english(agent)
    for wrong in ("-1", "14401", "lang"):
        assert client.post(f"/desk/{case.pk}/contact/", TALK | {"duration_seconds": wrong}).status_code == 422
    client.post(f"/desk/{case.pk}/contact/", TALK | {"duration_seconds": "725"})
    assertContains(client.get(f"/desk/{case.pk}/"), "12:05")


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("outsider", []),
        ("teammate", []),
        ("agent", ["no-phone"]),
        ("supervisor", DECISIONS),
        ("admin", DECISIONS),
    ],
)
def test_who_decides(
    request: pytest.FixtureRequest, asked: Case, sign_in: SignIn, who: str, allowed: list[str], decision: str
) -> None:
    client = sign_in(request.getfixturevalue(who))
    expected = 302 if decision in allowed else 404 if who == "outsider" else 403
    assert client.post(f"/desk/{asked.pk}/{decision}/", {"reason": "有理由"}).status_code == expected
    assert ContactRuling.objects.exists() is (decision in allowed)


def test_attachments_are_taken_shown_and_handed_out(agent: User, english: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = english(agent)
    assert attach(case, client, ("照片.jpeg", photo()), ("凭证.pdf", PDF)).status_code == 302
    picture, document = ContactAttachment.objects.all()
    page = client.get(f"/desk/{case.pk}/")
    assertContains(page, f'src="/attachments/{picture.pk}/thumbnail/" alt="照片.jpg"')
    assertContains(page, f'href="/attachments/{document.pk}/" download')
    assertContains(page, document.sha256)


def test_no_attachment_can_act_in_the_browser(agent: User, sign_in: SignIn, make_case: MakeCase) -> None:
    case = make_case(owner=agent)
    client = sign_in(agent)
    attach(case, client, ("照片.jpeg", photo()), ("凭证.pdf", PDF))
    picture, document = ContactAttachment.objects.all()
    answers = {
        f"/attachments/{picture.pk}/": ("image/jpeg", "inline"),
        f"/attachments/{picture.pk}/thumbnail/": ("image/webp", "inline"),
        f"/attachments/{document.pk}/": ("application/pdf", "attachment"),
    }
    for address, (kind, disposition) in answers.items():
        answer = client.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, kind)
        assert all(type(value) is str for value in answer.headers.values())
        assert answer["Content-Disposition"].split(";")[0] == disposition
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["Cache-Control"].startswith("private")
    assert b"".join(client.get(f"/attachments/{document.pk}/").streaming_content) == PDF
    assert client.get(f"/attachments/{document.pk}/thumbnail/").status_code == 404
    assert client.post(f"/attachments/{document.pk}/").status_code == 405


@pytest.mark.parametrize(
    ("who", "status"),
    [("anonymous", 302), ("nobody", 403), ("outsider", 404), ("teammate", 200), ("agent", 200), ("supervisor", 200)],
)
@pytest.mark.parametrize("part", ["", "thumbnail/"])
def test_who_sees_the_case_sees_its_attachments(
    request: pytest.FixtureRequest,
    agent: User,
    sign_in: SignIn,
    make_case: MakeCase,
    who: str,
    status: int,
    part: str,
) -> None:
    attach(make_case(owner=agent), sign_in(agent), ("照片.jpeg", photo()))
    if who == "anonymous":
        client = Client()
    else:
        client = sign_in(User.objects.create_user(who) if who == "nobody" else request.getfixturevalue(who))
    assert client.get(f"/attachments/{ContactAttachment.objects.get().pk}/{part}").status_code == status


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("脚本.png", b"<script>")], "no picture"),
        ([(f"{number}.pdf", PDF) for number in range(7)], "At most 6"),
        ([("空.png", b"")], "empty"),
    ],
)
def test_what_cannot_be_attached_is_said_and_nothing_is_logged(
    agent: User, english: SignIn, make_case: MakeCase, files: list[tuple[str, bytes]], words: str
) -> None:
    case = make_case(owner=agent)
    page = attach(case, english(agent), *files)
    assertContains(page, words, status_code=422)
    assertContains(page, "买家发来照片</textarea>", status_code=422)
    assert not case.contacts.exists()


def test_a_file_for_which_there_was_no_room_is_not_left_out_in_silence(
    agent: User, english: SignIn, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_case(owner=agent)
    monkeypatch.setattr("cases.views.case_actions.lacks_room", lambda _request: True)
    assertContains(attach(case, english(agent)), "no room on the disk", status_code=422)
    assert not case.contacts.exists()
