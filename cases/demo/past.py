"""The demo's past: what the agents and their supervisor would have done about reviews more than two days old.

An import opens every case now. So that statistics have weeks to show, the older cases are moved back to when their
review appeared and worked through the real services, with the clock of then. The same review always takes the same
turn.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from cases import history
from cases.clocks.pace import pace_of
from cases.contacts.entries import ContactDraft, log_contact
from cases.contacts.rules import contact_rules
from cases.flow import contact_deadline, finish_step
from cases.models import Case, CaseChange, ContactEntry, Outcome, Remedy, State
from cases.models.case import Step
from cases.outcomes import close_case, outcomes_of
from cases.remedies import RemedyDraft, agree_remedy, settle_remedy
from cases.settling.claims import confirm_claim
from cases.settling.escalations import escalate_case, return_case
from reviewdesk.access import Role
from reviews import demo
from reviews.causes import TopCause
from reviews.correction import dismiss_complaint
from reviews.models import Shop

RECENT = timedelta(days=2)
UNANSWERED = timedelta(days=4)
"""Only questions younger than that still wait, so that the demo has some."""
LEFT_OVER = 0.05
"""Share of promises and claims that nobody has seen to."""
SAID = {
    TopCause.QUALITY: ("先道歉，请买家发照片，确认是做工问题，约定换新并由店铺承担运费。", Remedy.Kind.EXCHANGE, 30),
    TopCause.COLOUR: ("说明拍摄光线的影响并道歉，买家愿意留用，补一份小礼物。", Remedy.Kind.GIFT, 12),
    TopCause.COURIER: ("道歉并向快递核实了轨迹，告知处理结果，下次包邮。", Remedy.Kind.POSTAGE, 10),
    TopCause.SERVICE: ("为客服回复慢道歉，说明原因和整改，买家语气缓和。", Remedy.Kind.COUPON, 10),
    TopCause.PRICE: ("听买家说完，解释活动规则，按价保补券。", Remedy.Kind.COUPON, 15),
    TopCause.OTHER: ("耐心听买家讲，没有具体问题，致歉并留了联系方式。", Remedy.Kind.COUPON, 5),
}
REMARKS = ("说话直，讲道理", "着急，先听完再说", "晚上八点后方便", "愿意发照片", "")
ENDINGS = {
    Outcome.REVISED: 22,
    Outcome.PRAISED: 10,
    Outcome.SATISFIED: 38,
    Outcome.REFUSED: 16,
    Outcome.UNREACHABLE: 10,
    Outcome.DELETED: 4,
}
"""How the demo's cases end, in parts of a hundred."""


def live_through(*, now: datetime) -> int:
    """Work the cases of reviews older than two days that nobody has begun to work; how many it was.

    Who signs in meanwhile keeps what they began, and what stands on top of the queue is taken last.
    """
    past = Case.objects.filter(
        shop__code__startswith="demo-", state=State.NEW, review__reviewed_at__lt=now - RECENT
    ).exclude(changes__actor__isnull=False)
    held = past.select_related("review", "shop", "owner").select_for_update(of=("self",))
    agents = User.objects.filter(agent__isnull=False).order_by("pk")
    agents_of = {shop: list(agents.filter(shops=shop)) for shop in Shop.objects.filter(code__startswith="demo-")}
    praise, told = demo.praise(), 0
    for pk in past.order_by("-tier_rank", "pk").values_list("pk", flat=True):
        with transaction.atomic():
            case = held.filter(pk=pk).first()
            if case is not None:
                story = _Story(case, agents_of[case.shop], now)
                if case.review.content in praise:
                    story.see_through()
                else:
                    story.tell()
                told += 1
    return told


class _Story:
    """One case worked by its owner or one of `agents`, from opening to an end or to something that still waits."""

    def __init__(self, case: Case, agents: list[User], now: datetime) -> None:
        self.case, self.now = case, now
        self.chance = Random(case.review.identity)  # noqa: S311
        self.agent = case.owner or self.chance.choice(agents)
        self.hours = pace_of(case.shop).hours
        cause = case.review.causes.first()
        self.said, self.remedy, self.worth = SAID[cause.top if cause else TopCause.OTHER]

    def tell(self) -> None:
        self._move_back()
        contacted_at = self._later(self.case.opened_at, 4, 55)
        endings = {ending: weight for ending, weight in ENDINGS.items() if ending in outcomes_of(self.case)}
        ending = self.chance.choices([*endings], [*endings.values()])[0]
        if ending is Outcome.UNREACHABLE:
            self._log(contacted_at, ContactEntry.Result.NO_ANSWER, "电话无人接听，旺旺留言致歉。")
            self._log(self._later(contacted_at, 180, 400), ContactEntry.Result.NO_ANSWER, "换时间再联系，仍未接通。")
            return self._close(ending, self._later(contacted_at, 900, 1600))
        self._log(contacted_at, ContactEntry.Result.REACHED, self.said)
        for step in (Step.APOLOGISE, Step.FIND_CAUSE):
            finish_step(case=self.case, step=step, actor=self.agent, now=contacted_at)
        turn = self.chance.random()
        if turn < 0.03:
            question = "买家要求全额退款但不退货，是否同意？建议部分退款。"
            escalate_case(case=self.case, question=question, actor=self.agent, now=contacted_at)
            supervisor = self._supervisor()
            if supervisor and contacted_at < self.now - UNANSWERED:
                answered_at = self._later(contacted_at, 5, 50)
                return_case(case=self.case, answer="同意部分退款，先道歉。", actor=supervisor, now=answered_at)
                self._settle(ending, answered_at)
        elif turn < 0.10:
            promised = self.now + timedelta(minutes=self.chance.randint(-120, 1200))
            self._log(contacted_at, ContactEntry.Result.APPOINTMENT, "买家在忙，约好再联系。", promised)
        else:
            self._settle(ending, contacted_at)

    def see_through(self) -> None:
        """The model took praise for a complaint, and whoever reads it says so."""
        self._move_back()
        dismiss_complaint(review=self.case.review, actor=self.agent, now=self._later(self.case.opened_at, 4, 55))

    def _settle(self, ending: Outcome, contacted_at: datetime) -> None:
        at = self._later(contacted_at, 30, 600)
        remedy = None
        if ending is not Outcome.REFUSED:
            draft = RemedyDraft(self.remedy, Decimal(self.worth))
            remedy = agree_remedy(case=self.case, actor=self.agent, now=at, draft=draft)
        for step in (Step.REMEDY, Step.CLOSE):
            finish_step(case=self.case, step=step, actor=self.agent, now=at)
        self._close(ending, self._later(at, 60, 2500))
        if isinstance(remedy, Remedy):
            self._hand_over(remedy, self._later(at, 100, 1500))
        self._look_at_claim()

    def _hand_over(self, remedy: Remedy, at: datetime) -> None:
        if at < self.now and self.chance.random() > LEFT_OVER:
            settle_remedy(remedy=remedy, state=Remedy.State.DONE, actor=self.agent, now=at, note="已发放给买家。")

    def _look_at_claim(self) -> None:
        """No import of the demo proves what agents stated; the supervisor has looked at most of it by eye."""
        due_at, supervisor = self.case.check_claim_at, self._supervisor()
        if supervisor and due_at and due_at < self.now and self.chance.random() > LEFT_OVER:
            at = min(self._later(due_at, 10, 600), self.now)
            confirm_claim(case=self.case, actor=supervisor, now=at, comment="已在评价页面看到。")

    def _supervisor(self) -> User | None:
        return self.case.shop.members.filter(groups__name=Role.SUPERVISOR).order_by("pk").first()

    def _close(self, ending: Outcome, at: datetime) -> None:
        close_case(case=self.case, outcome=ending, actor=self.agent, now=min(at, self.now), comment="")

    def _log(self, at: datetime, result: str, said: str, next_contact_at: datetime | None = None) -> None:
        may_phone = result != ContactEntry.Result.REACHED or self.chance.random() < 0.7
        rules, phone = contact_rules(self.case, now=at), ContactEntry.Channel.PHONE
        channel = ContactEntry.Channel.CHAT
        if may_phone and not (rules.refusal(phone) or rules.limit(phone)):
            channel = phone
        draft = ContactDraft(channel, result, said, self.chance.choice(REMARKS), next_contact_at)
        if rules.limit(channel):
            # One who was written to so often writes on their own.
            draft = replace(draft, direction=ContactEntry.Direction.INCOMING)
        log_contact(case=self.case, actor=self.agent, now=at, draft=draft)

    def _move_back(self) -> None:
        """The case opens, in its own row and its history, when an import of that hour would have opened it."""
        opened_at = self._later(self.case.review.reviewed_at, 1, 10)
        due_at = contact_deadline(self.case, opened_at)
        self.case.opened_at, self.case.first_contact_due_at, self.case.due_at = opened_at, due_at, due_at
        self.case.is_backlog = False
        if self.case.owner is None:
            self.case.owner = self.agent
            changes = {"owner": ["", history.shown(self.agent)]}
            history.record(case=self.case, kind=CaseChange.Kind.ASSIGNED, actor=None, now=opened_at, changes=changes)
        self.case.save(update_fields=["opened_at", "first_contact_due_at", "due_at", "is_backlog", "owner"])
        # History is append-only for the product; the demo writes its past before anyone has seen it.
        QuerySet(CaseChange).filter(case=self.case).update(at=opened_at)

    def _later(self, start: datetime, least: int, most: int) -> datetime:
        """Some working minutes after `start`."""
        return self.hours.deadline(start, timedelta(minutes=self.chance.randint(least, most)))
