"""A wording a rule objects to, and what excuses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cases.replies.draft import Draft, Span, crosses
from cases.replies.phrases import phrases

NOTHING = re.compile(r"(?!)")
# What an employee said, quoted to apologise for it: "客服骂您……,我们向您道歉".
_QUOTED = phrases(
    """
    (?:客服|店员|员工|同事|小二|坐席)(?:小妹|人员|之前|当时|竟然|居然|对您|跟您|和您|的|那句){0,4}(?:说|骂|讲|回复?
        |称呼?|嘲讽|用)(?:了|您|出|过|是|到|什么|的|这样){0,3}$
    """
)
_CONDEMNED = phrases("抱歉|道歉|对不起|致歉|歉意|过分|不可原谅|批评|停职|处分|不该|不应该|错误|惭愧")


@dataclass(frozen=True, slots=True)
class Wording:
    """`pattern` objects, unless it is negated, `lead` matches right before it or `excuse` is in the same sentence."""

    pattern: re.Pattern[str]
    lead: re.Pattern[str] = NOTHING
    excuse: re.Pattern[str] = NOTHING

    def found_in(self, draft: Draft) -> Iterator[Span]:
        """Spans of `letters`."""
        for match in self.pattern.finditer(draft.letters.text):
            start, end = match.span()
            if crosses(draft.sentence_starts, start, end) or draft.is_negated(start):
                continue
            if draft.follows(_QUOTED, start) and _CONDEMNED.search(draft.sentence_text(start)):
                continue
            if not draft.follows(self.lead, start) and not self.excuse.search(draft.sentence_text(start)):
                yield start, end
