"""Every page, in both languages, light and dark, wide and on a phone: accessible, and never wider than its window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils import timezone

from cases.bulk.choosing import choose
from cases.bulk.running import look_ahead
from cases.contacts.attachments import Intake, take_in
from cases.contacts.entries import ContactDraft, log_contact
from cases.contacts.rulings import ask_not_to_phone
from cases.models import BulkAct, Case, NoticeChannel, Pause, Playbook, SavedView, Shift, Tier
from cases.notices.telling import tell_clocks
from cases.priority import Conditions, StatedRule
from cases.remedies import RemedyDraft, agree_remedy
from cases.rulebook.editing import Edit
from cases.rulebook.hours import ShiftDraft, save_shift
from cases.rulebook.standards import Standard, save_standards
from cases.rulebook.tiers import save_rule
from cases.settling.escalations import Suggested, escalate_case
from cases.working_time import read_spans
from reviews.correction import correct_causes
from reviews.models import ClassifierVersion, ImportBatch, ImportRejection, Review, Shop, TagRefresh
from reviews.push.tokens import create_token
from reviews.vocabulary.keeping import add_phrase
from reviews.vocabulary.wording import checked_wording
from tests.browser.conftest import Visit, overflow, violations
from tests.cases.pictures import PDF, photo
from tests.reviews.ingest.exports import ROWS, csv_bytes, imported, looked_at
from tests.reviews.learning.conftest import make_version as make_version

LONG = "非常非常长的商品名称ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" * 3
PAGES = [
    ("agent", "/desk/"),
    ("agent", "/desk/{case}/"),
    ("agent", "/desk/?view=closed"),
    ("agent", "/desk/views/?view=all&tier=priority"),
    ("supervisor", "/desk/views/"),
    ("supervisor", "/desk/bulk/{act_chosen}/"),
    ("supervisor", "/desk/bulk/{act_foreseen}/"),
    ("supervisor", "/desk/bulk/{act_running}/"),
    ("supervisor", "/desk/{case}/"),
    ("agent", "/reviews/"),
    ("agent", "/reviews/?q=差"),
    ("agent", "/reviews/{review}/"),
    ("agent", "/reviews/check/"),
    ("agent", "/reviews/check/?decided={review}"),
    ("supervisor", "/statistics/?period=90"),
    ("supervisor", "/team/?show=open"),
    ("supervisor", "/pending/"),
    ("supervisor", "/pending/remedies/"),
    ("supervisor", "/pending/claims/"),
    ("agent", "/pending/promises/"),
    ("supervisor", "/team/?edit={agent}"),
    ("supervisor", "/team/?spread={agent}"),
    ("admin", "/words/?text=九天&kind=sign&cause=courier.slow&days=365"),
    ("admin", "/words/said/"),
    ("admin", "/words/{phrase}/"),
    ("supervisor", "/model/"),
    ("admin", "/imports/"),
    ("admin", "/imports/{done}/"),
    ("admin", "/imports/{reading}/"),
    ("admin", "/imports/{storing}/"),
    ("admin", "/imports/{waiting}/"),
    ("admin", "/imports/{nameless}/"),
    ("admin", "/imports/{orders}/"),
    ("admin", "/imports/{stopped}/"),
    ("admin", "/imports/{discarded}/"),
    ("admin", "/imports/{undone}/"),
    ("agent", "/reviews/{missed}/"),
    ("agent", "/desk/{missed_case}/"),
    ("agent", "/reviews/?not_seen=missing"),
    ("admin", "/imports/push/"),
    ("agent", "/notices/"),
    ("agent", "/notices/settings/"),
    ("agent", "/notices/channels/{channel}/"),
    ("supervisor", "/notices/channels/add/"),
    ("supervisor", "/settings/rules/"),
    ("supervisor", "/settings/rules/{shop}/tiers/add/"),
    ("supervisor", "/settings/rules/{shop}/tiers/own-1/"),
    ("supervisor", "/settings/rules/{shop}/limits/"),
    ("supervisor", "/settings/rules/{shop}/standards/"),
    ("supervisor", "/settings/rules/playbooks/courier/"),
    ("admin", "/settings/rules/playbooks/courier/"),
    ("agent", "/imports/"),
    ("supervisor", "/settings/hours/"),
    ("supervisor", "/settings/hours/shifts/{shift}/"),
    ("supervisor", "/settings/hours/pauses/{pause}/"),
    ("agent", "/desk/999999/"),
]
LOOKS = [
    pytest.param({"width": 1440, "dark": False, "language": "zh-hans"}, id="wide-light-zh"),
    pytest.param({"width": 360, "dark": True, "language": "en"}, id="phone-dark-en"),
    pytest.param({"width": 1024, "dark": True, "language": "zh-hans"}, id="middle-dark-zh"),
]


@pytest.fixture
def addresses(
    agent: User,
    supervisor: User,
    make_review: Callable[..., Review],
    make_case: Callable[..., Case],
    make_version: Callable[..., ClassifierVersion],
    shop: Shop,
) -> dict[str, int]:
    """Something of everything, some of it awkward."""
    now = timezone.now()
    write_playbook()
    long = make_review(
        causes=["courier.slow", "colour.shade", "price.drop"], reviewed_at=now - timedelta(days=1), content=LONG * 4,
        append_content="追评" + LONG, append_at=now, product_title=LONG[:300], sku=LONG[:200], buyer_name="买" * 60,
    )  # fmt: skip
    long.causes.exclude(rank=0).update(score=0.5)
    case = make_case(long, owner=agent, due_at=now - timedelta(hours=1), tier="priority", risk_score=40)
    ask_and_promise(make_case, case, agent)
    draft = ContactDraft("chat", "appointment", LONG, "着急", now + timedelta(hours=3))
    log_contact(case=case, actor=agent, now=now, draft=draft)
    wish = replace(draft, said="别打电话" + LONG, direction="incoming", duration_seconds=725, attachments=attachments())
    log_contact(case=case, actor=agent, now=now, draft=wish)
    ask_not_to_phone(case=case, reason=LONG, actor=agent, now=now)
    for tier in ("general", "disputed"):
        make_case(make_review(reviewed_at=now, stars=1, rating=""), tier=tier, due_at=now + timedelta(minutes=20))
    make_review(causes=[], is_negative=False, rating="good", content="<script>alert(1)</script>", reviewed_at=now)
    correct_causes(review=make_review(reviewed_at=now), codes=["price.fee"], actor=agent, now=now)
    for status in ("challenger", "champion"):
        make_version(status=status)
    TagRefresh.objects.create(requested_at=now, beat_at=now, version="linear-1", total=3000, done=1000)
    missed = make_review(reviewed_at=now)
    missed_case = make_case(missed, owner=agent)
    imports = some_imports(shop, agent)
    Review.objects.filter(pk=missed.pk).update(not_seen_at=now, not_seen_in=imports["done"])
    wording = checked_wording(None, LONG[:12], "sign", "quality.defect", LONG[:200])
    phrase = add_phrase(wording=wording, actor=agent, now=now)
    create_token(shop=shop, name=LONG[:60], actor=agent, now=now)
    tell_clocks(now=now)
    some_rules(shop, supervisor)
    some_views(shop, agent, supervisor)
    return {
        "shop": shop.pk,
        **some_hours(shop, agent, supervisor),
        **some_acts(shop, supervisor),
        "channel": broken_channel(agent).pk,
        "case": case.pk,
        "agent": agent.pk,
        "review": long.pk,
        "missed": missed.pk,
        "missed_case": missed_case.pk,
        "phrase": phrase.pk,
        **imports,
    }


def some_acts(shop: Shop, supervisor: User) -> dict[str, int]:
    """Acts upon all cases of the shop: just chosen, looked ahead at, at work."""
    acts = {}
    for name in ("chosen", "foreseen", "running"):
        cases = Case.objects.filter(shop=shop).order_by("pk")
        act = choose(cases=cases, kind="close", actor=supervisor, now=timezone.now(), query="view=all")
        if name != "chosen":
            look_ahead(act=act, details={"outcome": "deleted", "comment": LONG[:900]}, now=timezone.now())
        acts[f"act_{name}"] = act.pk
    BulkAct.objects.filter(pk=act.pk).update(status=BulkAct.Status.DOING)
    return acts


def some_rules(shop: Shop, supervisor: User) -> None:
    """A rule and a standard of the shop's own, in awkward words, and what history says of them."""
    edit = Edit(supervisor, timezone.now(), 0, LONG[:300])
    conditions = Conditions(causes=("courier.slow", "colour.shade"), amount_from=Decimal("99.50"), complaints_from=2)
    save_rule(
        shop=shop, rule=StatedRule(key="own-1", tier=Tier.DISPUTED, conditions=conditions, name=LONG[:120]), edit=edit
    )
    save_standards(shop=shop, standards=[Standard("courier", "priority", "coupon", Decimal(20), LONG[:120])], edit=edit)


def some_views(shop: Shop, agent: User, supervisor: User) -> None:
    """One of the agent's own and two of the supervisor's that are shared, with what filters nothing any more."""
    for owner, query in ((agent, f"q={LONG[:100]}"), (supervisor, "cause=courier.lost"), (supervisor, "shop=999999")):
        view = SavedView.objects.create(owner=owner, name=LONG[:30] + query[:10], query=f"view=all&{query}")
        view.shops.set([shop] if owner == supervisor else [])


def some_hours(shop: Shop, agent: User, supervisor: User) -> dict[str, int]:
    """A shift and a pause with long names, as history tells them too."""
    spans = read_spans("00:30-01:00, 09:00-12:00, 13:00-18:00, 19:00-21:30, 23:00-00:15")
    draft = ShiftDraft(name=LONG[:40], days="weekdays", weekdays=tuple(range(7)), spans=spans, agents=(agent,))
    now = timezone.now()
    save_shift(shop=shop, shift=None, draft=draft, edit=Edit(supervisor, now, 0, LONG[:300]))
    starts_at, ends_at = now + timedelta(days=1), now + timedelta(days=2)
    pause = Pause.objects.create(shop=shop, starts_at=starts_at, ends_at=ends_at, reason=LONG[:120])
    return {"shift": Shift.objects.get().pk, "pause": pause.pk}


def ask_and_promise(make_case: Callable[..., Case], case: Case, agent: User) -> None:
    now = timezone.now()
    for amount in (9, 900):
        agree_remedy(case=case, actor=agent, now=now, draft=RemedyDraft("gift", Decimal(amount), LONG[:300]))
    suggested = Suggested("remedy", "gift", Decimal(90))
    escalate_case(case=make_case(owner=agent), question=LONG, actor=agent, now=now, suggested=suggested)
    claimed = {"outcome": "revised", "claim": "denied", "check_claim_at": now}
    make_case(owner=agent, state="closed", closed_at=now, due_at=None, **claimed)


def write_playbook() -> None:
    Playbook.objects.create(
        cause="courier",
        guidance_zh="先道歉,再跟进快递。",
        guidance_en="Apologise, then follow up.",
        steps=[
            {
                "key": key,
                "goal_zh": "说清楚",
                "goal_en": "Be clear",
                "scripts": [{"zh": "{buyer}您好", "en": "Hello {buyer}"}],
            }
            for key in ("apologise", "find_cause", "remedy", "close")
        ],
    )


def broken_channel(person: User) -> NoticeChannel:
    told = {"person": person, "error": LONG[:300], "failed_at": timezone.now()}
    return NoticeChannel.objects.create(name=LONG[:60], service="wecom", address="https://qyapi.weixin.qq.com/", **told)


def attachments() -> tuple[Intake, ...]:
    files = {f"{LONG[:90]}.jpg": photo((600, 400)), "凭证.pdf": PDF}
    return tuple(take_in(ContentFile(content, name)) for name, content in files.items())


def some_imports(shop: Shop, actor: User) -> dict[str, int]:
    """An import in every state, by its id."""
    imported(shop, csv_bytes())
    changed = (*ROWS[0][:3], LONG * 2, *ROWS[0][4:])
    bad = ("8", "甲", "", "好", LONG, "杯子", "")
    files = {
        "waiting": csv_bytes([changed, ROWS[1], ("7", *ROWS[2][1:5], LONG[:200], ""), bad]),
        "nameless": csv_bytes(headings=[LONG[:100], *"bcdefg"]),
        "orders": csv_bytes(
            [("1001", "买**1", "39.90"), ("2001", "乙", "9.90")], ("订单编号", "买家会员名", "买家应付货款")
        ),
    }
    looked = {name: looked_at(shop, content, f"{LONG[:150]}{name}.csv").pk for name, content in files.items()}
    now = timezone.now()
    states: dict[str, dict[str, object]] = {
        "done": {"status": "done", "coverage": {"stored": 900, "unseen": 7, "is_believed": True}},
        "reading": {"status": "staging"},
        "storing": {"status": "merging"},
        "stopped": {"status": "failed", "failed_during": "merging", "error": LONG},
        "discarded": {"status": "discarded", "discarded_by": actor},
        "undone": {"status": "undone", "undone_at": now, "undone_by": actor, "undone": {"reviews": 900}},
    }
    ended = {
        name: ImportBatch.objects.create(
            shop=shop, file_name=f"{LONG[:200]}.csv", file_bytes=5_000_000, table_bytes=5_000_000, bytes_read=2_000_000,
            rows=4000, created=3000, rejected=1, negative=50, cases_opened=50,
            started_at=now, phase_at=now - timedelta(seconds=9), beat_at=now, finished_at=now, **state,
        )
        for name, state in states.items()
    }  # fmt: skip
    ImportRejection.objects.create(batch=ended["done"], line=7, column="评价时间", value="昨天", reason="bad_date")
    return looked | {name: batch.pk for name, batch in ended.items()}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("who", "address"), PAGES)
def test_page_is_accessible_and_fits(
    request: pytest.FixtureRequest,
    visit: Visit,
    addresses: dict[str, int],
    supervisor: User,
    who: str,
    address: str,
    look: dict[str, object],
) -> None:
    refused = {"/imports/": 403, "/desk/999999/": 404}.get(address, 0) if who == "agent" else 0
    page = visit(request.getfixturevalue(who), address.format(**addresses), refusal=refused, **look)
    assert violations(page) == []
    assert overflow(page) == []
