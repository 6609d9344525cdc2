"""The case of a negative review and its history."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q, Value, When
from django.db.models.functions import Least
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases.deadlines import WindowKey
from cases.priority import Tier
from reviewdesk.access import Role, has_role
from reviewdesk.append_only import AppendOnlyModel
from reviews.models import Review, Shop


class State(models.TextChoices):
    NEW = "new", _("New")
    WORKING = "working", _("In progress")
    FOLLOW_UP = "follow_up", _("To follow up")
    ESCALATED = "escalated", _("Escalated")
    CLOSED = "closed", _("Closed")


class Outcome(models.TextChoices):
    REVISED = "revised", _("Review revised")
    DELETED = "deleted", _("Review deleted")
    PRAISED = "praised", _("Follow-up praise")
    SATISFIED = "satisfied", _("Satisfied without change")
    REFUSED = "refused", _("Refused")
    UNREACHABLE = "unreachable", _("Unreachable")
    REPORTED = "reported", _("Malicious, reported")
    UPHELD = "upheld", _("Malicious, upheld")
    REJECTED = "rejected", _("Malicious, rejected")
    MISTAKEN = "mistaken", _("No complaint after all")
    UNDONE = "undone", _("Import undone")


class Claim(models.TextChoices):
    """What became of an agent's word that the review was revised, deleted or followed by praise."""

    WAITING = "waiting", _("Waits for an import to show it")
    CONTRADICTED = "denied", _("An import shows the review unchanged")
    CONFIRMED = "confirmed", _("Confirmed")
    ACCEPTED = "accepted", _("Accepted without proof")


class Step(models.IntegerChoices):
    """Steps of the call flow, in their order; `Case.steps_done` counts those behind us."""

    APOLOGISE = 1, _("Apologise sincerely")
    FIND_CAUSE = 2, _("Find the cause together")
    REMEDY = 3, _("Agree a remedy")
    CLOSE = 4, _("Close warmly")


IN_QUEUE = ("tier_rank", "closes_at", "id")
"""The order of the queue."""
STILL_OPEN = ~Q(state=State.CLOSED)


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User | AnonymousUser) -> CaseQuerySet:
        """All cases for an admin, else those of the user's shops."""
        if has_role(user, Role.ADMIN):
            return self
        return self.filter(shop__members=user.pk)

    def still_open(self) -> CaseQuerySet:
        return self.exclude(state=State.CLOSED)


class LiveCases(models.Manager["Case"]):
    """All but those that went with the import they came from."""

    def get_queryset(self) -> CaseQuerySet:
        return CaseQuerySet(self.model, using=self._db).exclude(outcome=Outcome.UNDONE)

    def visible_to(self, user: User | AnonymousUser) -> CaseQuerySet:
        return self.get_queryset().visible_to(user)

    def still_open(self) -> CaseQuerySet:
        return self.get_queryset().still_open()


class Case(models.Model):
    review = models.OneToOneField(Review, models.PROTECT, related_name="case")
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="cases", verbose_name=_("shop"), db_index=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NEW)
    tier = models.CharField(_("tier"), max_length=8, choices=Tier)
    tier_reasons = models.JSONField(default=list)
    """Codes of the rules in `priority` that set the tier."""
    is_tier_chosen = models.BooleanField(default=False)
    """A person chose the tier: no rule changes it any more."""
    risk_score = models.PositiveSmallIntegerField(_("risk"), default=0)
    risk_reasons = models.JSONField(default=list)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("owner")
    )
    steps_done = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(_("outcome"), max_length=11, choices=Outcome, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    is_backlog = models.BooleanField(default=False)
    """Its review was old when it opened: nobody is handed it and no clock runs, until somebody takes it up."""
    first_contact_due_at = models.DateTimeField(null=True)
    """Null for a backlog case."""
    first_contacted_at = models.DateTimeField(null=True, blank=True)
    next_contact_at = models.DateTimeField(_("next contact"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    """When the shop has to turn to the buyer: first until that happened, then as promised; null when closed."""
    explained_at = models.DateTimeField(null=True, blank=True)
    """When the public reply was first written."""
    window_at = models.DateTimeField(null=True, blank=True)
    """When the next window of the platform closes that still matters to the case; `windows` keeps it up to date."""
    window_by = models.CharField(max_length=13, choices=WindowKey, blank=True)
    """Which one that is."""
    tier_rank = models.GeneratedField(
        expression=models.Case(
            # What the supervisor answered comes before every tier, until the owner acts upon it.
            When(answered_at__isnull=False, then=Value(-1)),
            When(tier=Tier.PRIORITY, then=Value(0)),
            When(tier=Tier.DISPUTED, then=Value(1)),
            default=Value(2),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    closes_at = models.GeneratedField(
        expression=models.Case(When(~Q(state=State.CLOSED), then=Least("due_at", "window_at"))),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    """What a tier is sorted by: the contact that is due or the window that closes, whichever comes first."""
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    proven = models.CharField(_("proven by imports"), max_length=11, choices=Outcome, blank=True, default="")
    """What imports show became of the review (revised, deleted, praised), whatever was stated; "" for nothing."""
    proven_at = models.DateTimeField(null=True, blank=True)
    """When that happened as far as the data tell, else when an import showed it."""
    credited_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="credited_cases", db_index=False
    )
    """Whose work the proven change is."""
    claim = models.CharField(max_length=9, choices=Claim, blank=True, default="")
    check_claim_at = models.DateTimeField(null=True, blank=True)
    """From when a supervisor should look at the claim; null where none is left to check."""
    answered_at = models.DateTimeField(null=True, blank=True)
    """When a supervisor last decided something asked of them; null again with the owner's next act."""

    objects = LiveCases()
    with_undone = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.CheckConstraint(condition=Q(steps_done__lte=4), name="steps_done_at_most_4"),
            models.CheckConstraint(
                condition=Q(state=State.CLOSED, closed_at__isnull=False) | ~Q(state=State.CLOSED) & Q(closed_at=None),
                name="closed_case_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", *IN_QUEUE], condition=STILL_OPEN, name="case_queue_of_owner"),
            models.Index(fields=["shop", *IN_QUEUE], condition=STILL_OPEN, name="case_queue_of_shop"),
            models.Index(fields=[*IN_QUEUE], condition=STILL_OPEN, name="case_queue"),
            models.Index(
                fields=["state", *IN_QUEUE],
                condition=Q(state__in=(State.FOLLOW_UP, State.ESCALATED)),
                name="case_queue_of_state",
            ),
            models.Index(fields=["-closed_at", "-id"], condition=Q(state=State.CLOSED), name="case_by_closing"),
            models.Index(fields=["closed_at", "id"], condition=Q(outcome=Outcome.REPORTED), name="case_reported"),
            models.Index(fields=["shop", "-opened_at"], name="case_by_opening"),
            models.Index(fields=["due_at"], condition=STILL_OPEN, name="case_by_clock"),
            models.Index(
                fields=["shop", "check_claim_at"], condition=Q(check_claim_at__isnull=False), name="case_claim_to_check"
            ),
            models.Index(
                fields=["credited_to", "proven_at"], condition=Q(credited_to__isnull=False), name="case_by_credit"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("cases:case", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state != State.CLOSED

    @property
    def is_due_first(self) -> bool:
        """Whether it is the due contact that closes first, rather than a window."""
        return self.due_at is not None and (
            self.window_at is None or not self.window_by or self.due_at <= self.window_at
        )

    @property
    def is_undone(self) -> bool:
        """The import that opened it was undone: it is in no list, and starts afresh if its review complains again."""
        return self.outcome == Outcome.UNDONE


class CaseChange(AppendOnlyModel):
    """A line of a case's history: who did what when, with the fields it changed."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("Opened")
        ASSIGNED = "assigned", _("Assigned")
        CLAIMED = "claimed", _("Claimed")
        RELEASED = "released", _("Released")
        TIER = "tier", _("Tier chosen")
        CAUSES = "causes", _("Causes corrected")
        CONFIRMED = "confirmed", _("Causes confirmed")
        WITHDRAWN = "withdrawn", _("Correction taken back")
        STEP = "step", _("Step done")
        CONTACT = "contact", _("Contact logged")
        NO_PHONE = "no_phone", _("Not to be phoned")
        MAY_PHONE = "may_phone", _("May be phoned again")
        EXCEPTION = "exception", _("One contact beyond the limits")
        REMEDY = "remedy", _("Remedy agreed")
        DONE = "done", _("Remedy handed over")
        DROPPED = "dropped", _("Remedy dropped")
        ASKED = "asked", _("Remedy asked for")
        REFUSED = "refused", _("Remedy not granted")
        UNASKED = "unasked", _("Remedy no longer asked for")
        REPLY = "reply", _("Public reply written")
        REVEALED = "revealed", _("Phone number shown")
        NOTED = "noted", _("Note about the buyer")
        ESCALATED = "escalated", _("Escalated")
        RETURNED = "returned", _("Returned to the agent")
        CLOSED = "closed", _("Closed")
        REOPENED = "reopened", _("Reopened")
        REVIEW = "review", _("Review changed")
        PROVEN = "proven", _("Proven by an import")
        UNPROVEN = "unproven", _("No longer so")
        CLAIM = "claim", _("Claim checked")
        EVIDENCE = "evidence", _("Evidence collected")
        ORDER = "order", _("Order facts arrived")
        GONE = "gone", _("Confirmed gone")
        BACK = "back", _("Not gone after all")
        MOVED = "moved", _("Deadline moved")
        RULES = "rules", _("Rules changed")
        TAKEN_BACK = "taken_back", _("Taken back")

    case = models.ForeignKey(Case, models.PROTECT, related_name="changes", db_index=False)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    """Null where the system acted."""
    kind = models.CharField(max_length=10, choices=Kind)
    changes = models.JSONField(default=dict)
    """Field name -> [old, new], as shown."""
    comment = models.TextField(blank=True)

    class Meta:
        verbose_name = _("history line")
        verbose_name_plural = _("history")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["case", "-at"], name="change_by_case")]

    def __str__(self) -> str:
        return f"{self.case} {self.kind} {self.at:%F %T}"
