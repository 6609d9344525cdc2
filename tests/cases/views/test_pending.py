"""The page of what is pending: who sees what, and decisions taken there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from cases.models import Case, Claim, Remedy, RemedyRequest, RemedyStandard
from cases.remedies import RemedyDraft, agree_remedy
from cases.settling.escalations import Suggested, escalate_case
from reviews.models import Shop

SignIn = Callable[[User], Client]
MakeCase = Callable[..., Case]
MATTERS = ["questions", "remedies", "claims", "promises", "verdicts"]
QUERIES = 30
WHOLE_ORDER = RemedyDraft("refund", Decimal(200), "整单退")
BUTTONS = RemedyDraft("gift", Decimal(9), "补寄纽扣")
CHECKED = [("confirm", Claim.CONFIRMED, False), ("accept", Claim.ACCEPTED, False), ("back", "", True)]


@pytest.fixture
def one_of_each(make_case: MakeCase, agent: User, shop: Shop) -> dict[str, Any]:
    return pending_of(make_case, agent)


def pending_of(make_case: MakeCase, owner: User) -> dict[str, Any]:
    now = timezone.now()
    asked, wanting, promising = (make_case(owner=owner) for _ in range(3))
    closed = {"state": "closed", "closed_at": now - timedelta(days=20), "due_at": None, "owner": owner}
    suggested = Suggested("remedy", "refund", Decimal(80))
    return {
        "questions": escalate_case(case=asked, question="退全款吗?", actor=owner, now=now, suggested=suggested),
        "remedies": agree_remedy(
            case=wanting, actor=owner, now=now, draft=RemedyDraft("refund", Decimal(200), "整单退")
        ),
        "promises": agree_remedy(
            case=promising, actor=owner, now=now, draft=RemedyDraft("gift", Decimal(9), "补寄纽扣")
        ),
        "claims": make_case(outcome="revised", claim="waiting", check_claim_at=now - timedelta(days=6), **closed),
        "verdicts": make_case(outcome="reported", **closed),
    }


def what(page: Any) -> list[Any]:
    return [row.what for row in page.context["rows"]]


@pytest.mark.parametrize("matter", MATTERS)
def test_a_supervisor_sees_what_waits_in_the_shop(
    one_of_each: dict[str, Any], supervisor: User, sign_in: SignIn, matter: str
) -> None:
    page = sign_in(supervisor).get(f"/pending/{matter}/")
    assert what(page) == [one_of_each[matter]]
    assert [tab.size for tab in page.context["tabs"]] == [1] * 5


@pytest.mark.parametrize("matter", MATTERS)
def test_an_agent_sees_what_waits_in_their_own_cases(
    one_of_each: dict[str, Any], agent: User, teammate: User, outsider: User, sign_in: SignIn, matter: str
) -> None:
    assert what(sign_in(agent).get(f"/pending/{matter}/")) == [one_of_each[matter]]
    for person in (teammate, outsider):
        assert what(sign_in(person).get(f"/pending/{matter}/")) == []


def test_an_unknown_matter_is_not_found(agent: User, sign_in: SignIn) -> None:
    assert sign_in(agent).get("/pending/secrets/").status_code == 404


def test_the_page_opens_on_the_first_matter_of_which_something_waits(
    make_case: MakeCase, agent: User, supervisor: User, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)
    assert client.get("/pending/").context["shown"] == "questions"
    promised = agree_remedy(case=make_case(owner=agent), actor=agent, now=timezone.now(), draft=BUTTONS)
    assert what(client.get("/pending/")) == [promised]
    assert what(client.get("/pending/questions/")) == []


def test_an_agent_is_shown_no_decisions(one_of_each: dict[str, Any], agent: User, sign_in: SignIn) -> None:
    for matter in ("questions", "remedies", "claims"):
        assertNotContains(sign_in(agent).get(f"/pending/{matter}/"), 'name="decision"')


def test_the_facts_of_a_decision_stand_beside_it(
    one_of_each: dict[str, Any], supervisor: User, shop: Shop, sign_in: SignIn
) -> None:
    RemedyStandard.objects.create(shop=shop, cause="courier", kind="coupon", amount=20, note="满减券")
    case = one_of_each["remedies"].case
    agree_remedy(case=case, actor=supervisor, now=timezone.now(), draft=RemedyDraft("coupon", Decimal("12.5")))
    page = sign_in(supervisor).get("/pending/remedies/")
    for fact in ("整单退", "¥200.00", "¥12.50", "满减券", case.review.content):
        assertContains(page, fact)


def test_what_is_late_is_counted(one_of_each: dict[str, Any], supervisor: User, sign_in: SignIn) -> None:
    Remedy.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    type(one_of_each["questions"]).objects.update(due_at=timezone.now() - timedelta(minutes=1))
    page = sign_in(supervisor).get("/pending/")
    tabs = {tab.matter: tab.late for tab in page.context["tabs"]}
    assert (tabs["questions"], tabs["promises"]) == (1, 1)
    assert "待答复 1 · 1 项超时" in strip_tags(page.content.decode())


def test_what_is_contradicted_stands_first(
    one_of_each: dict[str, Any], make_case: MakeCase, agent: User, supervisor: User, sign_in: SignIn
) -> None:
    now = timezone.now()
    denied = make_case(
        owner=agent, state="closed", closed_at=now, due_at=None, outcome="revised", claim="denied", check_claim_at=now
    )
    assert what(sign_in(supervisor).get("/pending/claims/")) == [denied, one_of_each["claims"]]


def test_granting(one_of_each: dict[str, Any], supervisor: User, sign_in: SignIn) -> None:
    request = one_of_each["remedies"]
    answer = sign_in(supervisor).post(f"/pending/remedies/{request.pk}/", {"decision": "grant", "remark": "同意"})
    assertRedirects(answer, "/pending/remedies/")
    request.refresh_from_db()
    assert (request.state, request.remedy.amount) == ("granted", 200)


def test_a_refusal_without_a_reason_comes_back_with_what_was_typed(
    one_of_each: dict[str, Any], supervisor: User, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)
    request = one_of_each["remedies"]
    client.post(f"/pending/remedies/{request.pk}/", {"decision": "grant"})
    page = client.post(f"/pending/remedies/{request.pk}/", {"decision": "refuse", "remark": "太多"}, follow=True)
    assert page.redirect_chain[0][0] == f"/pending/remedies/?row={request.pk}&typed=%E5%A4%AA%E5%A4%9A"
    request.refresh_from_db()
    assert request.state == "granted"


def test_a_refusal_leads_to_the_remark_that_is_needed(
    one_of_each: dict[str, Any], supervisor: User, sign_in: SignIn
) -> None:
    client, request = sign_in(supervisor), one_of_each["remedies"]
    page = client.post(f"/pending/remedies/{request.pk}/", {"decision": "refuse", "remark": " "}, follow=True)
    assertContains(page, 'aria-invalid="true" aria-describedby="messages" autofocus', 1)
    assertNotContains(client.get(f"/pending/remedies/?row={request.pk}"), "autofocus")


def test_agreeing_and_answering(
    one_of_each: dict[str, Any], make_case: MakeCase, agent: User, supervisor: User, sign_in: SignIn
) -> None:
    client, question = sign_in(supervisor), one_of_each["questions"]
    client.post(f"/pending/questions/{question.case_id}/", {"decision": "agree", "remark": ""})
    assert question.case.remedies.get().amount == 80
    other = make_case(owner=agent)
    escalate_case(case=other, question="怎么回?", actor=agent, now=timezone.now())
    client.post(f"/pending/questions/{other.pk}/", {"decision": "answer", "remark": "先道歉"})
    assert other.escalations.get().answer == "先道歉"


@pytest.mark.parametrize(
    ("decision", "claim", "is_open"),
    [("confirm", Claim.CONFIRMED, False), ("accept", Claim.ACCEPTED, False), ("back", "", True)],
)
def test_claims(
    one_of_each: dict[str, Any], supervisor: User, sign_in: SignIn, decision: str, claim: str, is_open: bool
) -> None:
    case = one_of_each["claims"]
    sign_in(supervisor).post(f"/pending/claims/{case.pk}/", {"decision": decision, "remark": "我看过页面"})
    case.refresh_from_db()
    assert (case.claim, case.is_open) == (claim, is_open)


def test_an_agent_hands_over_what_was_promised(one_of_each: dict[str, Any], agent: User, sign_in: SignIn) -> None:
    remedy, client = one_of_each["promises"], sign_in(agent)
    sent = {"decision": "done", "remark": "单号 YT1", "from": "case"}
    assertRedirects(client.post(f"/pending/promises/{remedy.pk}/", sent), f"/desk/{remedy.case_id}/")
    remedy.refresh_from_db()
    assert (remedy.state, remedy.settled_note) == ("done", "单号 YT1")
    assertContains(client.get(f"/desk/{remedy.case_id}/"), "单号 YT1")


def test_an_agent_takes_a_request_back(one_of_each: dict[str, Any], agent: User, sign_in: SignIn) -> None:
    request, client = one_of_each["remedies"], sign_in(agent)
    assertContains(client.get(f"/desk/{request.case_id}/"), f"/pending/remedies/{request.pk}/withdraw/")
    client.post(f"/pending/remedies/{request.pk}/withdraw/")
    assert RemedyRequest.objects.get().state == "withdrawn"


@pytest.mark.parametrize(
    ("address", "decision", "of_agent"),
    [
        ("questions", "agree", 403),
        ("remedies", "grant", 403),
        ("claims", "accept", 403),
        ("promises", "done", 403),
        ("remedies/withdraw", "", 403),
    ],
)
def test_nobody_else_decides(
    one_of_each: dict[str, Any],
    teammate: User,
    outsider: User,
    sign_in: SignIn,
    address: str,
    decision: str,
    of_agent: int,
) -> None:
    matter, _, act = address.partition("/")
    pk = one_of_each[matter].case_id if matter == "questions" else one_of_each[matter].pk
    url = f"/pending/{matter}/{pk}/" + (f"{act}/" if act else "")
    assert sign_in(teammate).post(url, {"decision": decision}).status_code == of_agent
    refused = sign_in(outsider).post(url, {"decision": decision}).status_code
    assert refused == (404 if matter == "promises" or act else 403)


def test_another_shops_supervisor_finds_nothing(
    one_of_each: dict[str, Any], supervisor: User, shop: Shop, other_shop: Shop, sign_in: SignIn
) -> None:
    supervisor.shops.set([other_shop])
    client = sign_in(supervisor)
    for matter in ("questions", "remedies", "claims", "promises"):
        pk = one_of_each[matter].case_id if matter == "questions" else one_of_each[matter].pk
        assert client.post(f"/pending/{matter}/{pk}/", {"decision": "x"}).status_code == 404
        assert what(client.get(f"/pending/{matter}/")) == []


@pytest.mark.parametrize("matter", MATTERS)
def test_the_list_takes_the_same_queries_however_long(
    one_of_each: dict[str, Any], make_case: MakeCase, agent: User, supervisor: User, sign_in: SignIn, matter: str
) -> None:
    client = sign_in(supervisor)
    with CaptureQueriesContext(connection) as of_one:
        client.get(f"/pending/{matter}/")
    for _ in range(4):
        pending_of(make_case, agent)
    with CaptureQueriesContext(connection) as of_five:
        page = client.get(f"/pending/{matter}/")
    assert len(page.context["rows"]) == 5
    assert len(of_five) == len(of_one) <= QUERIES


def asking(client: Client) -> str:
    """What the bell's answer writes at the place of the page in the rail."""
    told = client.get("/notices/bell/").content.decode().split('id="asking">')[1]
    return told.split("<")[0]


def test_the_rail_counts_what_a_supervisor_decides_and_each_agent_promised_by_today(
    one_of_each: dict[str, Any], agent: User, teammate: User, supervisor: User, outsider: User, sign_in: SignIn
) -> None:
    today = timezone.localdate()
    promise = Remedy.objects.filter(pk=one_of_each["promises"].pk)
    promise.update(due_on=today + timedelta(days=1))
    assert (asking(sign_in(supervisor)), asking(sign_in(agent))) == ("3", "")
    promise.update(due_on=today)
    assert (asking(sign_in(supervisor)), asking(sign_in(agent))) == ("3", "1")
    assert [asking(sign_in(person)) for person in (teammate, outsider)] == ["", ""]
    assertContains(sign_in(teammate).get("/pending/"), '<span class="rail-count" id="asking"></span>', html=True)


def test_the_rail_counts_to_a_hundred(make_case: MakeCase, supervisor: User, sign_in: SignIn) -> None:
    now = timezone.now()
    case = make_case(state="closed", closed_at=now, due_at=None, outcome="revised", claim="denied", check_claim_at=now)
    kept = {"agreed_by": supervisor, "agreed_at": now, "due_on": timezone.localdate(now), "amount": 1}
    case.owner = supervisor
    case.save()
    Remedy.objects.bulk_create([Remedy(case=case, kind="gift", **kept) for _ in range(99)])
    client = sign_in(supervisor)
    assert asking(client) == "100+"
    Remedy.objects.order_by("pk")[0].delete()
    assert asking(client) == "99"


@pytest.fixture
def elsewhere(make_case: MakeCase, make_review: Any, other_shop: Shop, supervisor: User) -> Remedy:
    """Something promised in another shop of the supervisor."""
    supervisor.shops.add(other_shop)
    case = make_case(make_review(shop=other_shop), owner=supervisor)
    return agree_remedy(case=case, actor=supervisor, now=timezone.now(), draft=RemedyDraft("coupon", Decimal(5)))


def test_the_page_is_narrowed_to_a_shop_with_its_counts(
    one_of_each: dict[str, Any], elsewhere: Remedy, shop: Shop, other_shop: Shop, supervisor: User, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)
    assert what(client.get("/pending/promises/")) == [one_of_each["promises"], elsewhere]
    page = client.get(f"/pending/promises/?shop={other_shop.pk}")
    assert what(page) == [elsewhere]
    assert [tab.size for tab in page.context["tabs"]] == [0, 0, 0, 1, 0]
    assertContains(page, f'href="/pending/claims/?shop={other_shop.pk}"')
    for matter in MATTERS:
        assert what(client.get(f"/pending/{matter}/?shop={shop.pk}")) == [one_of_each[matter]]


@pytest.mark.parametrize("named", ["{other_shop.pk}", "x", "9" * 30])
def test_a_shop_of_others_is_not_found(supervisor: User, other_shop: Shop, sign_in: SignIn, named: str) -> None:
    client = sign_in(supervisor)
    assert client.get(f"/pending/?shop={named.format(other_shop=other_shop)}").status_code == 404
    assertNotContains(client.get("/pending/verdicts/"), "<select")


@pytest.mark.parametrize(
    ("matter", "kind", "other"),
    [
        ("questions", "remedy", "report"),
        ("remedies", "refund", "gift"),
        ("claims", "revised", "praised"),
        ("promises", "gift", "refund"),
    ],
)
def test_a_list_is_narrowed_to_a_kind(
    one_of_each: dict[str, Any], supervisor: User, sign_in: SignIn, matter: str, kind: str, other: str
) -> None:
    client = sign_in(supervisor)
    assert what(client.get(f"/pending/{matter}/?kind={kind}")) == [one_of_each[matter]]
    page = client.get(f"/pending/{matter}/?kind={other}")
    assert what(page) == []
    assertContains(page, f'<option value="{other}" selected>')
    assert what(client.get(f"/pending/{matter}/?kind=x")) == [one_of_each[matter]]


@pytest.fixture
def five_hundred(make_case: MakeCase, agent: User, supervisor: User) -> list[Remedy]:
    now = timezone.now()
    kept = {"agreed_by": supervisor, "agreed_at": now, "due_on": timezone.localdate(now), "amount": 1}
    case = make_case(owner=agent)
    return Remedy.objects.bulk_create([Remedy(case=case, kind="gift", **kept) for _ in range(500)])


def test_a_decision_on_a_later_page_leads_back_to_it(
    five_hundred: list[Remedy], shop: Shop, supervisor: User, sign_in: SignIn
) -> None:
    client = sign_in(supervisor)
    place = f"?shop={shop.pk}&kind=gift&page=3"
    page = client.get(f"/pending/promises/{place}")
    assert what(page) == five_hundred[60:90]
    decide = f"/pending/promises/{five_hundred[60].pk}/{place}"
    assertContains(page, f'action="{decide.replace("&", "&amp;")}"')
    assertContains(page, f'href="{place.replace("&", "&amp;").replace("page=3", "page=4")}"')
    answer = client.post(decide, {"decision": "done", "remark": "单号 8800"})
    assertRedirects(answer, f"/pending/promises/{place}")
    assert what(client.get(f"/pending/promises/{place}")) == five_hundred[61:91]


def test_a_row_that_a_link_names_stands_first_however_long_the_list(
    five_hundred: list[Remedy], supervisor: User, sign_in: SignIn
) -> None:
    named = five_hundred[400]
    page = sign_in(supervisor).get(f"/pending/promises/?row={named.pk}")
    assert what(page) == [named, *five_hundred[:29]]
    assertContains(page, 'href="?page=2"')
