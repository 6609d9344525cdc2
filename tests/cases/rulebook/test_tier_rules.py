"""Changing tier rules: the open cases follow, a person's choice stays, history tells, and nobody overwrites anybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import Mock

import django_rq
import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from redis.exceptions import RedisError

from cases import jobs
from cases.models import Case, CaseChange, Notice, RuleChange, RuleFollowing, Tier, TierRule
from cases.priority import Conditions, Rule, StatedRule, explain
from cases.rulebook import following, reranking
from cases.rulebook.editing import ChangedMeanwhile, Edit, state_of
from cases.rulebook.reranking import Move, effect_of, rerank
from cases.rulebook.stated import STARTED_WITH, kept_conditions, read_conditions, rules_of, with_own, without
from cases.rulebook.tiers import remove_rule, save_rule
from reviews.models import Order, Review, Shop
from tests.conftest import NOW
from tests.connections import together

MakeReview = Callable[..., Review]
MakeCase = Callable[..., Case]
VALUABLE = STARTED_WITH[Rule.VALUABLE.value]
OWN = StatedRule(key="own-1", tier=Tier.PRIORITY, conditions=Conditions(causes=("courier.slow",)), name="Slow again.")
ALL_CONDITIONS = Conditions(
    rated="bad", causes=("courier.slow", "other"), is_promoted=True, has_follow_up=True, speaks_of_authority=True,
    amount_from=Decimal("99.50"), risk_from=20, orders_from=0, complaints_from=1, complaints_to=3,
)  # fmt: skip


def edit(actor: User, shop: Shop, key: str = OWN.key, **more: Any) -> Edit:
    return Edit(actor, NOW, more.pop("seen", state_of(shop=shop, subject="tiers", topic=key)), **more)


def test_a_shop_starts_with_the_rules_of_every_shop(shop: Shop) -> None:
    assert rules_of([shop.pk]) == {shop.pk: tuple(STARTED_WITH.values())}


@pytest.mark.parametrize("conditions", [Conditions(), ALL_CONDITIONS, Conditions(complaints_to=0)])
def test_a_row_keeps_all_conditions(conditions: Conditions) -> None:
    assert read_conditions(kept_conditions(conditions)) == conditions


def test_a_rule_of_the_shop_reaches_its_open_cases(
    shop: Shop, supervisor: User, agent: User, make_case: MakeCase
) -> None:
    case = make_case(owner=agent)
    save_rule(shop=shop, rule=OWN, edit=edit(supervisor, shop))
    case.refresh_from_db()
    assert (case.tier, explain(case.tier_reasons)) == (Tier.PRIORITY, ["Slow again."])
    line = case.changes.get()
    assert (line.kind, line.actor, line.changes) == (
        CaseChange.Kind.RULES, supervisor, {"tier": ["general", "priority"]},
    )  # fmt: skip
    assert Notice.objects.get().person == agent


def test_a_reason_outlives_its_rule_in_cases_that_are_closed(shop: Shop, supervisor: User, make_case: MakeCase) -> None:
    case = make_case()
    save_rule(shop=shop, rule=OWN, edit=edit(supervisor, shop))
    Case.objects.filter(pk=case.pk).update(state="closed", closed_at=NOW)
    remove_rule(shop=shop, key=OWN.key, edit=edit(supervisor, shop))
    case.refresh_from_db()
    assert explain(case.tier_reasons) == ["Slow again."]


def test_what_a_rule_does_not_move_is_left_alone(
    shop: Shop, other_shop: Shop, supervisor: User, make_case: MakeCase, make_review: MakeReview
) -> None:
    left = [
        make_case(make_review(["price.fee"])),
        make_case(is_tier_chosen=True),
        make_case(is_backlog=True, due_at=None, first_contact_due_at=None),
        make_case(state="closed", closed_at=NOW),
        make_case(make_review(shop=other_shop)),
    ]
    save_rule(shop=shop, rule=OWN, edit=edit(supervisor, shop))
    assert {case.tier for case in Case.objects.filter(pk__in=[case.pk for case in left])} == {Tier.GENERAL}
    assert not CaseChange.objects.exists()


def test_a_rule_can_be_switched_off_and_drawn_elsewhere(
    shop: Shop, supervisor: User, make_case: MakeCase, make_review: MakeReview
) -> None:
    review = make_review(order_number="1")
    Order.objects.create(shop=shop, number="1", amount=Decimal(200))
    case = make_case(review)
    lower = replace(VALUABLE, conditions=Conditions(amount_from=Decimal(200)))
    for rule, tier in ((lower, Tier.PRIORITY), (replace(lower, is_on=False), Tier.GENERAL)):
        save_rule(shop=shop, rule=rule, edit=edit(supervisor, shop, rule.key))
        case.refresh_from_db()
        assert case.tier == tier


def test_a_rule_as_it_started_needs_no_row(shop: Shop, supervisor: User) -> None:
    changed = replace(VALUABLE, conditions=Conditions(amount_from=Decimal(80)))
    assert save_rule(shop=shop, rule=VALUABLE, edit=edit(supervisor, shop, VALUABLE.key)) is None
    save_rule(shop=shop, rule=changed, edit=edit(supervisor, shop, VALUABLE.key))
    save_rule(shop=shop, rule=VALUABLE, edit=edit(supervisor, shop, VALUABLE.key))
    assert not TierRule.objects.exists()
    assert [line.changes["Conditions"] for line in RuleChange.objects.all()] == [
        [{"amount_from": "80"}, {"amount_from": "300"}],
        [{"amount_from": "300"}, {"amount_from": "80"}],
    ]


def test_removing_brings_back_the_rule_every_shop_starts_with(shop: Shop, supervisor: User) -> None:
    off = replace(VALUABLE, is_on=False)
    save_rule(shop=shop, rule=off, edit=edit(supervisor, shop, off.key))
    rules = rules_of([shop.pk])[shop.pk]
    change = remove_rule(shop=shop, key=off.key, edit=edit(supervisor, shop, off.key, comment="Sale is over"))
    assert rules_of([shop.pk])[shop.pk] == without(off.key, rules) == tuple(STARTED_WITH.values())
    assert (change.comment, change.changes["In use"]) == ("Sale is over", [False, True])


def test_a_rule_that_is_not_the_shops_cannot_be_removed(shop: Shop, supervisor: User) -> None:
    with pytest.raises(TierRule.DoesNotExist):
        remove_rule(shop=shop, key=VALUABLE.key, edit=edit(supervisor, shop, VALUABLE.key))


def test_the_history_names_the_rule(shop: Shop, supervisor: User) -> None:
    change = save_rule(shop=shop, rule=OWN, edit=edit(supervisor, shop))
    assert change is not None
    assert change.changes == {
        "Rule": ["", "Slow again."],
        "Reason shown": ["", "Slow again."],
        "Tier": ["", "Priority"],
        "Conditions": ["", {"causes": ["courier.slow"]}],
        "In use": ["", True],
    }


def test_only_who_supervises_the_shop_writes_its_rules(
    shop: Shop, other_shop: Shop, agent: User, supervisor: User, admin: User
) -> None:
    for actor, where in ((agent, shop), (supervisor, other_shop)):
        with pytest.raises(PermissionDenied):
            save_rule(shop=where, rule=OWN, edit=edit(actor, where))
    assert not TierRule.objects.exists()
    assert save_rule(shop=other_shop, rule=OWN, edit=edit(admin, other_shop))


def test_the_later_of_two_editors_is_told_who_was_faster(shop: Shop, supervisor: User, admin: User) -> None:
    first = save_rule(shop=shop, rule=OWN, edit=edit(admin, shop))
    late = replace(OWN, tier=Tier.DISPUTED)
    with pytest.raises(ChangedMeanwhile) as told:
        save_rule(shop=shop, rule=late, edit=edit(supervisor, shop, seen=0))
    assert told.value.change == first
    assert rules_of([shop.pk])[shop.pk][-1] == OWN


def test_different_rules_do_not_stand_in_each_others_way(shop: Shop, supervisor: User, admin: User) -> None:
    save_rule(shop=shop, rule=OWN, edit=edit(admin, shop))
    assert save_rule(shop=shop, rule=replace(OWN, key="own-2"), edit=edit(supervisor, shop, "own-2", seen=0))


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_at_the_same_moment_one_is_told(shop: Shop, supervisor: User, admin: User) -> None:
    def write(actor: User, tier: Tier) -> Callable[[], str]:
        def act() -> str:
            try:
                save_rule(shop=shop, rule=replace(OWN, tier=tier), edit=Edit(actor, NOW, 0))
            except ChangedMeanwhile:
                return "told"
            return "kept"

        return act

    assert sorted(together(write(supervisor, Tier.GENERAL), write(admin, Tier.DISPUTED))) == ["kept", "told"]
    assert RuleChange.objects.count() == 1


def test_the_preview_says_which_cases_would_move_and_moves_none(shop: Shop, make_case: MakeCase) -> None:
    moved = [make_case(opened_at=NOW - timedelta(hours=age)) for age in range(3)]
    make_case(is_tier_chosen=True)
    effect = effect_of(shop, with_own([OWN], rules_of([shop.pk])[shop.pk]))
    assert effect.moves == [Move(Tier.GENERAL, Tier.PRIORITY, 3, moved)]
    assert (effect.looked_at, effect.among) == (3, 3)
    assert {case.tier for case in Case.objects.all()} == {Tier.GENERAL}


def test_the_preview_of_many_cases_looks_at_the_newest(
    shop: Shop, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reranking, "LOOKED_AT", 2)
    cases = [make_case(opened_at=NOW - timedelta(hours=age)) for age in range(3)]
    effect = effect_of(shop, (OWN,))
    assert (effect.looked_at, effect.among, effect.moves[0].first) == (2, 3, cases[:2])


def test_many_cases_are_ranked_by_a_job(
    shop: Shop, supervisor: User, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    monkeypatch.setattr(reranking, "RANKED_AT_ONCE", 2)
    for _ in range(3):
        make_case()
    with django_capture_on_commit_callbacks(execute=True):
        save_rule(shop=shop, rule=OWN, edit=edit(supervisor, shop))
    job = django_rq.get_queue("default").jobs[0]
    assert (job.func_name, job.args) == ("cases.jobs.follow_rules", (shop.pk,))
    assert Case.objects.filter(tier=Tier.PRIORITY).count() == 0
    job.func(*job.args)
    assert Case.objects.filter(tier=Tier.PRIORITY).count() == 3
    assert set(CaseChange.objects.values_list("actor", flat=True)) == {supervisor.pk}
    assert not RuleFollowing.objects.exists()


def test_ranking_that_was_killed_goes_on_where_it_was(
    shop: Shop, supervisor: User, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reranking, "RANKED_AT_ONCE", 2)
    for _ in range(5):
        make_case()
    save_rule(shop=shop, rule=OWN, edit=edit(supervisor, shop))
    with monkeypatch.context() as killed:
        killed.setattr(reranking, "tell_urgent", Mock(side_effect=[None, KeyboardInterrupt]))
        with pytest.raises(KeyboardInterrupt):
            jobs.follow_rules(shop.pk)
    assert Case.objects.filter(tier=Tier.PRIORITY).count() == 2
    jobs.resume_following()
    assert Case.objects.filter(tier=Tier.PRIORITY).count() == 5
    assert CaseChange.objects.count() == 5
    assert not RuleFollowing.objects.exists()


def test_rules_that_change_while_cases_follow_have_all_of_them_follow_anew(
    shop: Shop, supervisor: User, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reranking, "RANKED_AT_ONCE", 2)
    for _ in range(3):
        make_case()
    save_rule(shop=shop, rule=OWN, edit=edit(supervisor, shop))
    RuleFollowing.objects.update(done_up_to=Case.objects.latest("pk").pk)
    save_rule(shop=shop, rule=replace(OWN, tier=Tier.DISPUTED), edit=edit(supervisor, shop))
    jobs.resume_following()
    assert Case.objects.filter(tier=Tier.DISPUTED).count() == 3


def test_without_redis_ranking_waits_for_its_sweep(
    shop: Shop, supervisor: User, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    monkeypatch.setattr(reranking, "RANKED_AT_ONCE", 0)
    monkeypatch.setattr("reviewdesk.queue.enqueue", Mock(side_effect=RedisError))
    make_case()
    with django_capture_on_commit_callbacks(execute=True):
        save_rule(shop=shop, rule=OWN, edit=edit(supervisor, shop))
    monkeypatch.setattr(reranking, "RANKED_AT_ONCE", 2)
    jobs.resume_following()
    assert Case.objects.get().tier == Tier.PRIORITY


def test_ranking_again_writes_nothing(shop: Shop, supervisor: User, make_case: MakeCase) -> None:
    make_case()
    save_rule(shop=shop, rule=OWN, edit=edit(supervisor, shop))
    following.begin(shop, RuleFollowing.Kind.RANKING, actor=supervisor)
    assert rerank(shop.pk, now=NOW) == 0
    assert CaseChange.objects.count() == 1
