"""Cases follow reviews: opened once, ranked, handed out, told of changes, reopened by new complaints."""

from collections.abc import Callable, Collection
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from cases.history import shown
from cases.inflow.opening import open_cases
from cases.models import Case, CaseChange, ShopPolicy, State, Tier, TierRule
from cases.standing import orders_of
from reviews.models import Order, Review, ReviewRevision, Shop
from reviews.signals import batch_classified, causes_corrected
from tests.conftest import NOW
from tests.connections import together

MakeReview = Callable[..., Review]
MakeCase = Callable[..., Case]
LATER = NOW + timedelta(days=2)
OPENING_QUERIES = 22
FOLLOWING_QUERIES = 32


def announce(*reviews: Review, changed: dict[int, set[str]] | None = None) -> int:
    return open_cases(review_ids=[review.pk for review in reviews], changed=changed or {}, now=NOW)


def store(review: Review, **fields: Any) -> None:
    """Store `fields` and their revision as an import does, two days later."""
    changes = {name: [shown(getattr(review, name)), shown(value)] for name, value in fields.items()}
    ReviewRevision.objects.create(review=review, batch=review.batch, recorded_at=LATER, changes=changes)
    Review.objects.filter(pk=review.pk).update(**fields)


def change(review: Review, **fields: Any) -> int:
    store(review, **fields)
    return open_cases(review_ids=[review.pk], changed={review.pk: set(fields)}, now=LATER)


def kinds(case: Case) -> list[str]:
    return list(case.changes.order_by("pk").values_list("kind", flat=True))


def test_a_negative_review_gets_a_case_with_tier_deadline_and_agent(make_review: MakeReview, agent: User) -> None:
    review = make_review(["quality.counterfeit"])
    assert announce(review) == 1
    case = Case.objects.get()
    assert (case.review, case.shop, case.state, case.owner) == (review, review.shop, State.NEW, agent)
    assert (case.tier, case.tier_reasons) == (Tier.DISPUTED, ["counterfeit"])
    assert case.opened_at == NOW
    assert case.due_at == case.first_contact_due_at == NOW + timedelta(minutes=30)


def test_the_history_begins_with_the_opening(make_review: MakeReview, agent: User) -> None:
    announce(make_review())
    line = CaseChange.objects.get()
    assert (line.kind, line.at, line.actor) == ("opened", NOW, None)
    assert line.changes == {"tier": ["", "general"], "owner": ["", "agent"]}


def test_other_reviews_get_none(make_review: MakeReview) -> None:
    assert announce(make_review(is_negative=False, rating="good")) == 0
    assert announce() == 0
    assert not Case.objects.exists()


def test_opening_again_changes_nothing(make_review: MakeReview, agent: User) -> None:
    reviews = [make_review(), make_review()]
    assert announce(*reviews) == 2
    assert announce(*reviews) == 0
    assert announce(*reviews, make_review()) == 1
    assert Case.objects.count() == CaseChange.objects.count() == 3


def test_without_agents_on_duty_a_case_waits_without_an_owner(make_review: MakeReview) -> None:
    announce(make_review())
    assert Case.objects.get().owner is None
    assert CaseChange.objects.get().changes == {"tier": ["", "general"]}


def test_new_cases_are_spread_by_load(
    make_review: MakeReview, make_case: MakeCase, agent: User, teammate: User
) -> None:
    make_case(owner=agent)
    make_case(owner=agent)
    announce(*(make_review() for _ in range(4)))
    assert (agent.cases.count(), teammate.cases.count()) == (3, 3)


def test_each_shop_works_by_its_policy(
    make_review: MakeReview, shop: Shop, other_shop: Shop, agent: User, outsider: User
) -> None:
    ShopPolicy.objects.create(shop=other_shop, first_contact_minutes=90)
    TierRule.objects.create(shop=other_shop, key="valuable", tier="priority", conditions={"amount_from": "10"})
    here, there = make_review(order_number="1"), make_review(shop=other_shop, order_number="1")
    for each in (shop, other_shop):
        Order.objects.create(shop=each, number="1", amount=Decimal(20))
    announce(here, there)
    assert (here.case.tier, here.case.owner) == (Tier.GENERAL, agent)
    assert (there.case.tier, there.case.owner) == (Tier.PRIORITY, outsider)
    assert there.case.due_at == NOW + timedelta(minutes=90)


def test_facts_of_order_product_and_buyer_reach_the_rules(make_review: MakeReview, shop: Shop) -> None:
    promoted = make_review(product_title="不锈钢保温杯")
    assert promoted.product is not None
    promoted.product.is_promoted = True
    promoted.product.save()
    loyal = make_review(buyer_name="momo_88", order_number="8")
    Order.objects.create(shop=shop, number="7", buyer_name="momo_88", ordered_at=NOW - timedelta(days=60))
    turned = make_review(rating="good", append_content="洗一次就脱线", append_at=NOW)
    angry = make_review(append_content="我要打12315")
    announce(promoted, loyal, turned, angry)
    reasons = {review.case.tier_reasons[0] for review in (promoted, loyal, turned, angry)}
    assert reasons == {"promoted", "loyal", "turned", "authority"}


def test_signals_of_malice_raise_the_risk_and_dispute_the_case(make_review: MakeReview, shop: Shop) -> None:
    greedy = make_review(content="给我100元就改好评", order_number="1", buyer_name="momo_88")
    Order.objects.create(shop=shop, number="1", buyer_name="momo_88", amount=Decimal(5), postage=Decimal(12))
    announce(greedy)
    case = greedy.case
    assert case.risk_reasons == ["money_for_review", "postage_over_price", "tiny_amount", "no_history"]
    assert (case.risk_score, case.tier, case.tier_reasons) == (100, Tier.DISPUTED, ["risk"])


def test_a_buyer_of_whom_nothing_is_known_is_no_risk(make_review: MakeReview) -> None:
    review = make_review()
    announce(review)
    assert (review.case.risk_score, review.case.risk_reasons) == (0, [])


@pytest.mark.parametrize("number", [2, 60])
def test_opening_takes_the_same_few_queries_for_any_number(
    make_review: MakeReview, agent: User, shop: Shop, django_assert_num_queries: Any, number: int
) -> None:
    reviews = [make_review(buyer_name=f"buyer{n}", order_number=str(n)) for n in range(number)]
    Order.objects.bulk_create(Order(shop=shop, number=str(n), buyer_name=f"buyer{n}") for n in range(number))
    with django_assert_num_queries(OPENING_QUERIES):
        assert announce(*reviews) == number


@pytest.mark.parametrize("number", [2, 60])
def test_following_changes_takes_the_same_few_queries_for_any_number(
    make_review: MakeReview, make_case: MakeCase, agent: User, django_assert_num_queries: Any, number: int
) -> None:
    reviews = [make_review(order_number=str(n)) for n in range(number)]
    for n, review in enumerate(reviews):
        store(review, append_content="质量真差,用两天就坏了")
        make_case(review, **({"state": State.CLOSED, "closed_at": NOW} if n % 2 else {"owner": agent}))
    with django_assert_num_queries(FOLLOWING_QUERIES):
        announce(*reviews, changed={review.pk: {"append_content"} for review in reviews})


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_reviews_open_one_case_each(
    make_review: MakeReview, agent: User, teammate: User
) -> None:
    for _ in range(5):
        reviews = [make_review() for _ in range(20)]
        opened = together(lambda part=reviews: announce(*part), lambda part=reviews: announce(*reversed(part)))
        assert sum(opened) == 20
        lines = CaseChange.objects.filter(case__review__in=reviews)
        assert sorted(lines.values_list("case__review", flat=True)) == [review.pk for review in reviews]
    assert agent.cases.count() == teammate.cases.count() == 50


def test_a_changed_review_is_told_to_its_case(make_review: MakeReview, make_case: MakeCase, agent: User) -> None:
    review = make_review(rating="neutral")
    case = make_case(review, owner=agent)
    assert change(review, rating="bad", content="更差了") == 0
    line = case.changes.get()
    assert (line.kind, line.at, line.actor) == ("review", LATER, None)
    assert line.changes["rating"] == ["neutral", "bad"]
    assert line.changes["content"] == ["等了九天才到,颜色和图片完全不一样", "更差了"]


def test_a_changed_review_is_ranked_anew(make_review: MakeReview, make_case: MakeCase, agent: User) -> None:
    review = make_review()
    case = make_case(review, owner=agent)
    change(review, content="再不退款我就打12315")
    case.refresh_from_db()
    assert (case.tier, case.tier_reasons) == (Tier.DISPUTED, ["authority"])
    assert case.changes.get().changes["tier"] == ["general", "disputed"]


def test_the_tier_a_person_chose_stays(make_review: MakeReview, make_case: MakeCase, agent: User) -> None:
    review = make_review()
    case = make_case(review, owner=agent, tier=Tier.PRIORITY, is_tier_chosen=True)
    change(review, content="再不退款我就打12315,给我100元就改好评")
    causes_corrected.send(sender=Review, review=review, before=[], after=["other"], actor=agent, now=LATER)
    case.refresh_from_db()
    assert (case.tier, case.risk_score) == (Tier.PRIORITY, 60)


def test_a_good_review_whose_follow_up_complains_gets_a_case(make_review: MakeReview, agent: User) -> None:
    review = make_review(rating="good", is_negative=False)
    announce(review)
    assert change(review, append_content="用三天就坏了", append_at=LATER, is_negative=True) == 1
    assert review.case.tier_reasons == ["turned"]


def test_a_new_complaint_reopens_a_closed_case_with_its_owner(
    make_review: MakeReview, make_case: MakeCase, agent: User
) -> None:
    review = make_review()
    case = make_case(
        review,
        owner=agent,
        state=State.CLOSED,
        closed_at=NOW,
        outcome="satisfied",
        first_contacted_at=NOW,
        steps_done=4,
        due_at=None,
    )
    change(review, append_content="答应的退款一直没到,太失望了", append_at=LATER)
    case.refresh_from_db()
    assert (case.state, case.outcome, case.closed_at) == (State.WORKING, "", None)
    assert (case.owner, case.steps_done, case.due_at) == (agent, 0, LATER + timedelta(minutes=30))
    assert kinds(case) == ["reopened", "review"]


def test_a_reopened_case_nobody_has_is_handed_out(make_review: MakeReview, make_case: MakeCase, agent: User) -> None:
    review = make_review()
    case = make_case(review, state=State.CLOSED, closed_at=NOW, outcome="unreachable")
    change(review, append_content="还是没人管,质量真差", append_at=LATER)
    case.refresh_from_db()
    assert case.owner == agent
    assert kinds(case) == ["reopened", "review", "assigned"]


@pytest.mark.parametrize(
    "fields",
    [
        {"reply": "非常抱歉"},
        {"rating": "good", "is_negative": False},
        {"append_content": ""},
        {"append_content": "此用户没有填写评价。"},
        {"append_content": "客服态度很好,已经换新了,很满意"},
    ],
)
def test_other_changes_leave_a_closed_case_closed(
    make_review: MakeReview, make_case: MakeCase, fields: dict[str, Any]
) -> None:
    review = make_review(append_content="不满意")
    case = make_case(review, state=State.CLOSED, closed_at=NOW, outcome="satisfied")
    change(review, **fields)
    case.refresh_from_db()
    assert case.state == State.CLOSED
    assert case.outcome == "satisfied"
    assert kinds(case)[-1] == "review"


def test_corrected_causes_rank_the_case_anew_and_are_in_its_history(
    make_review: MakeReview, make_case: MakeCase, agent: User
) -> None:
    review = make_review(["courier.slow"])
    case = make_case(review, owner=agent)
    review.causes.update(code="quality.counterfeit")
    told: dict[str, Any] = {"before": ["courier.slow"], "after": ["quality.counterfeit"], "actor": agent, "now": LATER}
    causes_corrected.send(sender=Review, review=review, **told)
    case.refresh_from_db()
    assert case.tier == Tier.DISPUTED
    line = case.changes.get()
    assert (line.kind, line.actor, line.at) == ("causes", agent, LATER)
    assert line.changes == {"causes": [["courier.slow"], ["quality.counterfeit"]], "tier": ["general", "disputed"]}


def test_corrected_causes_of_a_review_without_a_case_change_nothing(make_review: MakeReview, agent: User) -> None:
    causes_corrected.send(sender=Review, review=make_review(), before=[], after=["other"], actor=agent, now=NOW)
    assert not CaseChange.objects.exists()


def test_the_signal_of_an_import_opens_cases(make_review: MakeReview, agent: User) -> None:
    ids: Collection[int] = [make_review().pk]
    answers = batch_classified.send(sender=None, review_ids=ids, changed={}, now=NOW)
    assert 1 in [answer for _receiver, answer in answers]


@pytest.mark.parametrize("outcome", ["reported", "upheld"])
def test_a_case_found_to_be_malicious_is_not_opened_by_a_follow_up(
    make_review: MakeReview, make_case: MakeCase, outcome: str
) -> None:
    review = make_review()
    case = make_case(review, state=State.CLOSED, closed_at=NOW, outcome=outcome, due_at=None)
    change(review, append_content="骗子商家,质量真差", append_at=LATER)
    case.refresh_from_db()
    assert (case.state, case.outcome) == (State.CLOSED, outcome)


def test_orders_are_those_of_the_shop_of_each_review(make_review: MakeReview, shop: Shop, other_shop: Shop) -> None:
    own = Order.objects.create(shop=shop, number="7", amount=1)
    others = Order.objects.create(shop=other_shop, number="7", amount=2)
    Order.objects.create(shop=shop, number="8")
    here, there = make_review(order_number="7"), make_review(order_number="7", shop=other_shop)
    assert orders_of([here, there, make_review(order_number="")]) == {(shop.pk, "7"): own, (other_shop.pk, "7"): others}
    assert orders_of([make_review(order_number="9", shop=other_shop)]) == {}
