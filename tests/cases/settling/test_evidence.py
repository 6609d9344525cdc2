"""The evidence for a report of malice: complete, checkable, handed to who may work the case, and remembered."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client

from cases import history
from cases.contacts.attachments import take_in
from cases.contacts.entries import ContactDraft, log_contact
from cases.models import Case, ContactAttachment
from cases.outcomes import close_case
from reviews.models import Order, Review
from tests.cases.pictures import photo
from tests.conftest import NOW

SignIn = Callable[[User], Client]


@pytest.fixture
def case(make_review: Callable[..., Review], make_case: Callable[..., Case], agent: User) -> Case:
    case = make_case(make_review(content="给我100元<script>alert(1)</script>"), owner=agent)
    with transaction.atomic():
        history.record(case=case, kind="opened", actor=None, now=NOW)
    Order.objects.create(shop=case.shop, number=case.review.order_number, amount=1999)
    picture = take_in(ContentFile(photo((60, 40)), "../../聊天.jpg"))
    draft = ContactDraft("chat", "reached", "对方索要红包", attachments=(picture,))
    log_contact(case=case, actor=agent, now=NOW, draft=draft)
    return case


def archive_of(client: Client, case: Case) -> zipfile.ZipFile:
    answer = client.post(f"/desk/{case.pk}/evidence.zip")
    assert answer["Content-Disposition"] == f'attachment; filename="evidence-{case.pk}.zip"'
    assert answer["Cache-Control"] == "no-store"
    return zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]


def test_it_holds_a_page_the_attachments_and_their_sums(case: Case, agent: User, sign_in: SignIn) -> None:
    archive = archive_of(sign_in(agent), case)
    attachment = ContactAttachment.objects.get()
    name = f"attachments/{attachment.pk}.jpg"
    assert set(archive.namelist()) == {"evidence.html", "sha256.json", name}
    sums = json.loads(archive.read("sha256.json"))
    assert sums == {each: hashlib.sha256(archive.read(each)).hexdigest() for each in ("evidence.html", name)}
    assert sums[name] == attachment.sha256
    page = archive.read("evidence.html").decode()
    for fact in ("1999", "系统", "对方索要红包", attachment.sha256, case.review.order_number):
        assert fact in page
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_history_keeps_who_collected_it(case: Case, agent: User, sign_in: SignIn) -> None:
    archive = archive_of(sign_in(agent), case)
    line = case.changes.first()
    assert line is not None
    assert (line.kind, line.actor, line.changes) == ("evidence", agent, {"attachments": ["", 1]})
    assert line.comment == f"SHA-256 {hashlib.sha256(archive.read('sha256.json')).hexdigest()}"


def test_a_closed_case_gives_it_too(case: Case, agent: User, supervisor: User, sign_in: SignIn) -> None:
    close_case(case=case, outcome="reported", actor=agent, now=NOW, comment="索要红包")
    assert archive_of(sign_in(supervisor), case).testzip() is None


def test_nobody_else_gets_it(case: Case, teammate: User, outsider: User, sign_in: SignIn) -> None:
    address = f"/desk/{case.pk}/evidence.zip"
    assert sign_in(teammate).post(address).status_code == 403
    assert sign_in(outsider).post(address).status_code == 404
    assert sign_in(teammate).get(address).status_code == 405
    assert not case.changes.filter(kind="evidence").exists()
