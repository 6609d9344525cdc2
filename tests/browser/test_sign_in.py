from django.contrib.auth.models import User

from tests.browser.conftest import Visit, overflow, violations


def test_a_person_signs_in_and_lands_at_the_desk(agent: User, visit: Visit) -> None:
    page = visit(None, "/")
    page.fill("#id_username", "agent")
    page.fill("#id_password", "secret-of-the-cast")
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/desk/**")


def test_a_wrong_password_is_told_and_the_name_kept(agent: User, visit: Visit) -> None:
    page = visit(None, "/accounts/login/")
    page.fill("#id_username", "agent")
    page.fill("#id_password", "wrong")
    page.get_by_role("button", name="登录").click()
    assert page.get_by_role("alert").is_visible()
    assert page.input_value("#id_username") == "agent"


def test_the_login_page_is_accessible_and_fits_a_phone(db: None, visit: Visit) -> None:
    for dark in (False, True):
        page = visit(None, "/accounts/login/", width=360, dark=dark)
        assert violations(page) == []
        assert overflow(page) == []
