from datetime import date, timedelta
from typing import Any

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

NEW_NOTICES = ["request", "late"]


def in_three_days() -> date:
    """When remedies known before are due: nobody has said yet which of them were handed over."""
    return timezone.localdate() + timedelta(days=3)


def tell_everybody(apps: Any, schema_editor: Any) -> None:
    """Who wants to hear of questions wants to hear of what else is asked of supervisors."""
    for name in ("NoticeChoice", "NoticeChannel"):
        for row in apps.get_model("cases", name).objects.filter(kinds__contains=["question"]):
            row.kinds = [*row.kinds, *NEW_NOTICES]
            row.save(update_fields=["kinds"])


def keep_questions(apps: Any, schema_editor: Any) -> None:
    """The questions that wait become rows, due within the hour of this change."""
    Case, CaseChange, Escalation = (apps.get_model("cases", name) for name in ("Case", "CaseChange", "Escalation"))
    for case in Case.objects.filter(state="escalated"):
        line = (
            CaseChange.objects.filter(case=case, kind="escalated", actor__isnull=False).order_by("-at", "-pk").first()
        )
        if line is not None:
            Escalation.objects.create(
                case=case,
                asked_by=line.actor,
                asked_at=line.at,
                question=line.comment,
                suggestion="other",
                due_at=timezone.now() + timedelta(hours=1),
            )


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0008_rulebook"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Escalation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField()),
                ("question", models.TextField(max_length=1000, verbose_name="question for the supervisor")),
                (
                    "suggestion",
                    models.CharField(
                        choices=[
                            ("remedy", "Grant a remedy"),
                            ("refuse", "Close as refused"),
                            ("report", "Report as malicious"),
                            ("hand_over", "Hand the case over to the supervisor"),
                            ("other", "Something else"),
                        ],
                        default="other",
                        max_length=9,
                        verbose_name="suggested decision",
                    ),
                ),
                (
                    "remedy",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("coupon", "Coupon"),
                            ("postage", "Free postage next time"),
                            ("member", "Member level"),
                            ("gift", "Gift"),
                            ("exchange", "Exchange, postage paid"),
                            ("refund", "Refund"),
                        ],
                        max_length=8,
                        verbose_name="remedy",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="value (¥)"
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("is_agreed", models.BooleanField(default=False)),
                ("answer", models.TextField(blank=True, max_length=1000, verbose_name="answer")),
            ],
            options={
                "ordering": ["-asked_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="RemedyRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("coupon", "Coupon"),
                            ("postage", "Free postage next time"),
                            ("member", "Member level"),
                            ("gift", "Gift"),
                            ("exchange", "Exchange, postage paid"),
                            ("refund", "Refund"),
                        ],
                        max_length=8,
                        verbose_name="remedy",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="value (¥)")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for the supervisor"),
                            ("granted", "Granted"),
                            ("refused", "Not granted"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="asked",
                        max_length=9,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("remark", models.CharField(blank=True, max_length=300, verbose_name="remark")),
            ],
            options={
                "ordering": ["-asked_at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="case",
            name="proven",
            field=models.CharField(
                blank=True,
                choices=[
                    ("revised", "Review revised"),
                    ("deleted", "Review deleted"),
                    ("praised", "Follow-up praise"),
                    ("satisfied", "Satisfied without change"),
                    ("refused", "Refused"),
                    ("unreachable", "Unreachable"),
                    ("reported", "Malicious, reported"),
                    ("upheld", "Malicious, upheld"),
                    ("rejected", "Malicious, rejected"),
                    ("mistaken", "No complaint after all"),
                    ("undone", "Import undone"),
                ],
                default="",
                max_length=11,
                verbose_name="proven by imports",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="proven_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="credited_to",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credited_cases",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="claim",
            field=models.CharField(
                blank=True,
                choices=[
                    ("waiting", "Waits for an import to show it"),
                    ("denied", "An import shows the review unchanged"),
                    ("confirmed", "Confirmed"),
                    ("accepted", "Accepted without proof"),
                ],
                default="",
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="check_claim_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="answered_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="remedy",
            name="state",
            field=models.CharField(
                choices=[("promised", "Promised"), ("done", "Handed over"), ("dropped", "Dropped")],
                default="promised",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="remedy",
            name="settled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="remedy",
            name="settled_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="remedy",
            name="settled_note",
            field=models.CharField(blank=True, max_length=300, verbose_name="proof or remark"),
        ),
        migrations.AddField(
            model_name="remedy",
            name="due_on",
            field=models.DateField(default=in_three_days, verbose_name="to be handed over by"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="shoppolicy",
            name="remedy_days",
            field=models.PositiveSmallIntegerField(
                default=3,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="days to hand over a remedy",
            ),
        ),
        migrations.AddField(
            model_name="shoppolicy",
            name="answer_minutes",
            field=models.PositiveIntegerField(
                default=60,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="minutes to answer a question",
            ),
        ),
        migrations.AddField(
            model_name="shoppolicy",
            name="confirmation_days",
            field=models.PositiveSmallIntegerField(
                default=14,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="days until an unconfirmed outcome is checked",
            ),
        ),
        migrations.AddField(
            model_name="shoppolicy",
            name="credit_days",
            field=models.PositiveSmallIntegerField(
                default=30,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="days for which a contact is credited with a change",
            ),
        ),
        migrations.AlterField(
            model_name="casechange",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "Opened"),
                    ("assigned", "Assigned"),
                    ("claimed", "Claimed"),
                    ("released", "Released"),
                    ("tier", "Tier chosen"),
                    ("causes", "Causes corrected"),
                    ("confirmed", "Causes confirmed"),
                    ("withdrawn", "Correction taken back"),
                    ("step", "Step done"),
                    ("contact", "Contact logged"),
                    ("no_phone", "Not to be phoned"),
                    ("may_phone", "May be phoned again"),
                    ("exception", "One contact beyond the limits"),
                    ("remedy", "Remedy agreed"),
                    ("done", "Remedy handed over"),
                    ("dropped", "Remedy dropped"),
                    ("asked", "Remedy asked for"),
                    ("refused", "Remedy not granted"),
                    ("unasked", "Remedy no longer asked for"),
                    ("reply", "Public reply written"),
                    ("escalated", "Escalated"),
                    ("returned", "Returned to the agent"),
                    ("closed", "Closed"),
                    ("reopened", "Reopened"),
                    ("review", "Review changed"),
                    ("proven", "Proven by an import"),
                    ("unproven", "No longer so"),
                    ("claim", "Claim checked"),
                    ("evidence", "Evidence collected"),
                    ("order", "Order facts arrived"),
                    ("gone", "Confirmed gone"),
                    ("back", "Not gone after all"),
                    ("moved", "Deadline moved"),
                    ("rules", "Rules changed"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("urgent", "Urgent case"),
                    ("soon", "Contact about to be due"),
                    ("overdue", "Contact overdue"),
                    ("question", "Question for the supervisor"),
                    ("request", "Remedy to be granted"),
                    ("late", "Question not answered in time"),
                    ("answer", "The supervisor's answer"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="noticedelivery",
            name="kind",
            field=models.CharField(
                choices=[
                    ("urgent", "Urgent case"),
                    ("soon", "Contact about to be due"),
                    ("overdue", "Contact overdue"),
                    ("question", "Question for the supervisor"),
                    ("request", "Remedy to be granted"),
                    ("late", "Question not answered in time"),
                    ("answer", "The supervisor's answer"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="escalation",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="escalations", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="escalation",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="escalation",
            name="answered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="remedyrequest",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="remedy_requests", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="remedyrequest",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="remedyrequest",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="remedyrequest",
            name="remedy",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="request",
                to="cases.remedy",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("check_claim_at__isnull", False)),
                fields=["shop", "check_claim_at"],
                name="case_claim_to_check",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("credited_to__isnull", False)),
                fields=["credited_to", "proven_at"],
                name="case_by_credit",
            ),
        ),
        migrations.AddIndex(
            model_name="remedy",
            index=models.Index(condition=models.Q(("state", "promised")), fields=["due_on"], name="remedy_promised"),
        ),
        migrations.AddConstraint(
            model_name="remedy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at", None), ("state", "promised")),
                    models.Q(models.Q(("state", "promised"), _negated=True), ("settled_at__isnull", False)),
                    _connector="OR",
                ),
                name="settled_remedy_has_its_time",
            ),
        ),
        migrations.AddIndex(
            model_name="escalation",
            index=models.Index(condition=models.Q(("answered_at", None)), fields=["due_at"], name="question_waiting"),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_at", None)), fields=("case",), name="one_question_waits_for_an_answer"
            ),
        ),
        migrations.AddIndex(
            model_name="remedyrequest",
            index=models.Index(condition=models.Q(("state", "asked")), fields=["asked_at"], name="request_waiting"),
        ),
        migrations.AddConstraint(
            model_name="remedyrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "asked")), fields=("case",), name="one_remedy_waits_for_a_decision"
            ),
        ),
        migrations.AddConstraint(
            model_name="remedyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("state", "asked")),
                    models.Q(models.Q(("state", "asked"), _negated=True), ("decided_at__isnull", False)),
                    _connector="OR",
                ),
                name="decided_request_has_its_time",
            ),
        ),
        migrations.RunPython(tell_everybody, migrations.RunPython.noop),
        migrations.RunPython(keep_questions, migrations.RunPython.noop),
    ]
