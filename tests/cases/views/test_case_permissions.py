"""Who may do what to a case: address x person -> answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from cases.models import Case, CaseChange
from reviewdesk.access import Role, grant_role
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

PAGES = ["/desk/", "/desk/next/", "/desk/{pk}/"]
ACTIONS = {
    "claim": {},
    "release": {},
    "step": {"step": "1", "reason": "当面谈过"},
    "note": {"text": "性子急"},
    "tier": {"tier": "priority"},
    "escalate": {"question": "能退款吗?"},
    "close": {"outcome": "revised"},
    "contact": {"channel": "chat", "result": "reached", "said": "您好"},
    "remedy": {"kind": "coupon", "amount": "5"},
    "reply": {"text": "非常抱歉让您久等,我们已向快递公司催件,并会每天跟进到您收到为止。"},
}
CLAIMED_ALREADY = 409
FORBIDDEN = 403
DONE = 302


@pytest.fixture
def case(agent: User, make_case: Callable[..., Case]) -> Case:
    return make_case(owner=agent)


@pytest.fixture
def client_of(request: pytest.FixtureRequest, sign_in: Callable[[User], Client], case: Case) -> Callable[[str], Client]:
    def client_of(name: str) -> Client:
        if name == "anonymous":
            return Client()
        if name == "nobody":
            return sign_in(User.objects.create_user("nobody"))
        return sign_in(request.getfixturevalue(name))

    return client_of


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("who", "status"), [("anonymous", 302), ("nobody", 403), ("agent", 200), ("supervisor", 200), ("admin", 200)]
)
def test_pages(client_of: Callable[[str], Client], case: Case, page: str, who: str, status: int) -> None:
    response = client_of(who).get(page.format(pk=case.pk))
    if who == "anonymous":
        assert response["Location"].startswith("/accounts/login/")
    elif page == "/desk/next/" and status == 200:
        assert response["Location"].startswith("/desk/")
    else:
        assert response.status_code == status


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("who", ["anonymous", "nobody", "outsider", "teammate", "agent", "supervisor", "admin"])
def test_actions_on_somebodys_case(client_of: Callable[[str], Client], case: Case, action: str, who: str) -> None:
    response = client_of(who).post(f"/desk/{case.pk}/{action}/", ACTIONS[action])
    expected = {
        "anonymous": DONE,
        "nobody": FORBIDDEN,
        "outsider": 404,
        "teammate": FORBIDDEN,
        "agent": DONE,
        "supervisor": DONE,
        "admin": DONE,
    }[who]
    if action == "claim" and who in {"teammate", "supervisor", "admin"}:
        expected = CLAIMED_ALREADY
    assert response.status_code == expected
    if who == "anonymous":
        assert response["Location"].startswith("/accounts/login/")
    has_changed = CaseChange.objects.filter(case=case).exists()
    assert has_changed is (expected == DONE and who != "anonymous" and action != "claim")


@pytest.mark.parametrize(
    ("who", "status"), [("outsider", 404), ("teammate", FORBIDDEN), ("agent", DONE), ("supervisor", DONE)]
)
def test_reopening(client_of: Callable[[str], Client], case: Case, who: str, status: int) -> None:
    Case.objects.filter(pk=case.pk).update(state="closed", outcome="revised", closed_at=NOW, due_at=None)
    assert client_of(who).post(f"/desk/{case.pk}/reopen/", {"comment": "又来追评"}).status_code == status


@pytest.mark.parametrize(
    ("who", "status"), [("outsider", 404), ("teammate", FORBIDDEN), ("agent", FORBIDDEN), ("supervisor", DONE)]
)
def test_only_a_supervisor_answers(client_of: Callable[[str], Client], case: Case, who: str, status: int) -> None:
    Case.objects.filter(pk=case.pk).update(state="escalated")
    assert client_of(who).post(f"/desk/{case.pk}/answer/", {"answer": "可以"}).status_code == status


def test_a_supervisor_of_another_shop_finds_nothing(
    case: Case, outsider: User, sign_in: Callable[[User], Client]
) -> None:
    grant_role(outsider, Role.SUPERVISOR)
    client = sign_in(outsider)
    assert client.get(f"/desk/{case.pk}/").status_code == 404
    assert client.post(f"/desk/{case.pk}/release/").status_code == 404


@pytest.mark.parametrize("action", [*ACTIONS, "reopen", "answer", "reply/check"])
def test_a_visit_to_an_action_shows_the_case_and_changes_nothing(
    client_of: Callable[[str], Client], case: Case, action: str
) -> None:
    response = client_of("agent").get(f"/desk/{case.pk}/{action}/?view=all")
    assert response["Location"] == f"/desk/{case.pk}/?view=all"
    assert not CaseChange.objects.exists()
    assert client_of("outsider").get(f"/desk/{case.pk}/{action}/").status_code == 404


def test_actions_need_the_token_of_the_form(agent: User, case: Case) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(agent)
    assert client.post(f"/desk/{case.pk}/release/").status_code == 403
    case.refresh_from_db()
    assert case.owner == agent


def test_who_may_not_work_a_case_reads_it_without_forms(
    teammate: User, sign_in: Callable[[User], Client], case: Case
) -> None:
    page = sign_in(teammate).get(f"/desk/{case.pk}/").content.decode()
    assert case.review.content[6:] in page
    for action in [*ACTIONS, "reopen", "answer"]:
        assert f"/desk/{case.pk}/{action}/" not in page


def test_an_unowned_case_offers_itself(teammate: User, sign_in: Callable[[User], Client], case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(owner=None)
    page = sign_in(teammate).get(f"/desk/{case.pk}/").content.decode()
    assert f'action="/desk/{case.pk}/claim/"' in page
    assert f"/desk/{case.pk}/contact/" not in page
