"""The playbook of a case as the agent walks it: steps in order, scripts with the names of this case filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth.models import User
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.buyers import is_masked
from cases.models import Case, Playbook, Step

_NAME = re.compile(r"\{(buyer|shop|product|order|agent)\}")
_BUYER = {"zh": "亲", "en": "dear customer"}
"""How a buyer is addressed whose name the platform masks."""
_PRODUCT = {"zh": "宝贝", "en": "the item"}
"""Titles are written for the search of the platform and cannot be said in a sentence."""


class ScriptPart(NamedTuple):
    """A stretch of a script."""

    text: str
    missing: str = ""
    """Name of the placeholder, where `text` only says what would stand here."""


@dataclass(frozen=True)
class StepView:
    """A step of the call flow; `state` is done, current or locked."""

    step: Step
    goal: str
    state: str
    scripts: list[list[ScriptPart]]

    @property
    def blanks(self) -> list[ScriptPart]:
        """What the scripts need and the case does not know, each once: asked for above them."""
        return list(dict.fromkeys(part for script in self.scripts for part in script if part.missing))


def steps_of(case: Case, playbook: Playbook | None, agent: User) -> list[StepView]:
    """The four steps in order. Scripts are filled for the current step only: later ones are not offered yet."""
    language = script_language()
    written = playbook.steps if playbook else []
    names = names_of(case, agent, language)
    views = []
    for step in Step:
        text = written[step - 1] if step <= len(written) else {}
        state = "done" if step <= case.steps_done else "current" if step == case.steps_done + 1 else "locked"
        scripts = [fill(script[language], names) for script in text.get("scripts", ())] if state == "current" else []
        views.append(StepView(step, text.get(f"goal_{language}", ""), state, scripts))
    return views


def fill(script: str, names: dict[str, str]) -> list[ScriptPart]:
    """`script` cut at its {names}, each replaced by its value, or by what is missing."""
    missing = {
        "buyer": _("buyer's name"),
        "shop": _("shop"),
        "order": _("order number"),
        "agent": _("your name"),
    }
    parts = []
    for place, piece in enumerate(_NAME.split(script)):
        is_name = place % 2 == 1
        text = names[piece] or missing[piece] if is_name else piece
        if text:
            parts.append(ScriptPart(text, piece if is_name and not names[piece] else ""))
    return parts


def script_language() -> str:
    """Which of the two languages of a playbook the page is in."""
    return "zh" if (get_language() or "").startswith("zh") else "en"


def names_of(case: Case, agent: User, language: str) -> dict[str, str]:
    """What the names in a script stand for in `case`; "" where it is not known."""
    review = case.review
    return {
        "buyer": _BUYER[language] if is_masked(review.buyer_name) else review.buyer_name,
        "shop": case.shop.name,
        "product": _PRODUCT[language],
        "order": review.order_number,
        "agent": agent.get_full_name(),
    }
