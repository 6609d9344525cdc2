"""Playbooks: what may stand in one, changing it, and bringing an earlier one back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases import rule_history
from cases.history import Changes
from cases.models import Playbook, RuleChange, Step
from cases.replies import Rule, check_reply
from cases.replies.draft import Draft
from cases.replies.review_requests import wanted_reviews
from cases.rulebook.editing import Edit, begin_edit

PLAYBOOK = RuleChange.Subject.PLAYBOOK
PLACEHOLDERS = ("buyer", "shop", "product", "order", "agent")
LANGUAGES = ("zh", "en")
KEYS = {Step.APOLOGISE: "apologise", Step.FIND_CAUSE: "find_cause", Step.REMEDY: "remedy", Step.CLOSE: "close"}
REMAINS_OPEN = frozenset({Rule.UNFILLED_PLACEHOLDER, Rule.NO_APOLOGY, Rule.NOT_SPECIFIC, Rule.ASKS_BEFORE_APOLOGY})
"""What a script of one step need not settle: names are filled in later, other steps come before and say the rest."""

GUIDANCE_ZH, GUIDANCE_EN = gettext_noop("Guidance (Chinese)"), gettext_noop("Guidance (English)")
GOAL, SCRIPT = gettext_noop("Goal"), gettext_noop("Script")
LANGUAGE_NAMES = {"zh": gettext_noop("Chinese"), "en": gettext_noop("English")}

_BRACED = re.compile(r"\{([^{}]*)\}|[{}]")


class Content(NamedTuple):
    """What a playbook says; `steps` as Playbook.steps."""

    guidance_zh: str
    guidance_en: str
    steps: list[dict[str, Any]]


class Objection(NamedTuple):
    """What cannot stand in a script. `script` counts from 0."""

    step: Step
    script: int
    language: str
    message: str


def content_of(playbook: Playbook | None) -> Content:
    """What `playbook` says; without one, nothing, in four steps."""
    if playbook is None:
        return Content("", "", [{"key": KEYS[step], "goal_zh": "", "goal_en": "", "scripts": []} for step in Step])
    return Content(playbook.guidance_zh, playbook.guidance_en, playbook.steps)


def objections(cause: str, content: Content) -> list[Objection]:
    """Everything in the scripts that cannot be said to a buyer, or not in that step."""
    return [
        Objection(step, number, language, message)
        for step, written in zip(Step, content.steps, strict=True)
        for number, script in enumerate(written["scripts"])
        for language in LANGUAGES
        for message in _objections_to(script[language], cause, step)
    ]


def _objections_to(text: str, cause: str, step: Step) -> Iterator[str]:
    for match in _BRACED.finditer(text):
        if match[1] is None:
            yield _("A brace stands alone. Names are written like {buyer}.")
        elif match[1] not in PLACEHOLDERS:
            known = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            yield _("Nothing is known by the name {%(name)s}. The names are %(known)s.") % {
                "name": match[1],
                "known": known,
            }
    if step is not Step.CLOSE and any(wanted_reviews(Draft(text))):
        yield _("How a review can be changed is told in the last step only.")
    yield from (found.message for found in check_reply(text, cause=cause).findings if found.rule not in REMAINS_OPEN)


@transaction.atomic
def save_playbook(*, cause: str, content: Content, edit: Edit) -> RuleChange | None:
    """Let `content` be what the playbook of `cause` says; None where nothing changed.

    The history keeps the whole that it replaces. Raises ValueError where `objections` has any, and what `begin_edit`
    raises: playbooks hold for all shops, so admins write them.
    """
    begin_edit(edit, shop=None, subject=PLAYBOOK, topic=cause)
    if objections(cause, content):
        raise ValueError("A playbook with objections is not kept.")
    playbook = Playbook.objects.select_for_update().filter(cause=cause).first()
    before = content_of(playbook)
    changes = _differences(before, content)
    if not changes:
        return None
    Playbook.objects.update_or_create(cause=cause, defaults=content._asdict())
    return rule_history.record(
        shop=None,
        subject=PLAYBOOK,
        topic=cause,
        actor=edit.actor,
        now=edit.now,
        changes=changes,
        comment=edit.comment,
        replaced=before._asdict(),
    )


def _differences(before: Content, after: Content) -> Changes:
    old, new = dict(_texts(before)), dict(_texts(after))
    titles = (*new, *(title for title in old if title not in new))
    pairs = {title: [old.get(title, ""), new.get(title, "")] for title in titles}
    return {title: pair for title, pair in pairs.items() if pair[0] != pair[1]}


def _texts(content: Content) -> Iterator[tuple[str, str]]:
    """Every text by the name that history gives it."""
    yield GUIDANCE_ZH, content.guidance_zh
    yield GUIDANCE_EN, content.guidance_en
    for step, written in zip(Step, content.steps, strict=True):
        for language in LANGUAGES:
            yield rule_history.joined([step.label, GOAL, LANGUAGE_NAMES[language]]), written[f"goal_{language}"]
            for number, script in enumerate(written["scripts"], start=1):
                title = rule_history.joined([step.label, SCRIPT, str(number), LANGUAGE_NAMES[language]])
                yield title, script[language]
