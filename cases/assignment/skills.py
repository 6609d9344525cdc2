"""What an agent can do and carry, as a supervisor sets it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from cases import rule_history
from cases.handing_out import hand_out_soon
from cases.models import Agent, RuleChange
from cases.rulebook.editing import Edit, refuse_unseen
from reviews.causes import TopCause
from reviews.models import Product, Shop

SKILLS = RuleChange.Subject.SKILLS
NAMES = {
    "causes": Agent._meta.get_field("causes").verbose_name,
    "lines": Agent._meta.get_field("lines").verbose_name,
    "open_capacity": Agent._meta.get_field("open_capacity").verbose_name,
    "daily_capacity": Agent._meta.get_field("daily_capacity").verbose_name,
}


@dataclass(frozen=True, kw_only=True)
class Skills:
    """As the fields of Agent; no causes or lines stand for all of them."""

    causes: list[str]
    lines: list[str]
    open_capacity: int
    daily_capacity: int

    @classmethod
    def of(cls, agent: Agent) -> Skills:
        return cls(**{name: getattr(agent, name) for name in NAMES})


@transaction.atomic
def set_skills(*, agent: Agent, skills: Skills, edit: Edit) -> RuleChange | None:
    """Keep `skills` for the agent, and who set them; None where nothing changed. More room is filled soon.

    Raises ChangedMeanwhile where somebody else set them since the person began.
    """
    agent = Agent.objects.select_for_update(no_key=True, of=("self",)).select_related("user").get(pk=agent.pk)
    topic = str(agent.user_id)
    refuse_unseen(edit, shop=None, subject=SKILLS, topic=topic)
    before, after = asdict(Skills.of(agent)), asdict(skills)
    changed = [name for name in NAMES if before[name] != after[name]]
    if not changed:
        return None
    for name in changed:
        setattr(agent, name, after[name])
    agent.save(update_fields=changed)
    hand_out_soon()
    return rule_history.record(
        shop=None,
        subject=SKILLS,
        topic=topic,
        actor=edit.actor,
        now=edit.now,
        comment=edit.comment,
        changes={
            rule_history.source(NAMES[name]): [_shown(name, before[name]), _shown(name, after[name])]
            for name in changed
        },
    )


def lines_of(shops: Collection[Shop]) -> list[str]:
    """The product lines that the shops have, by name."""
    named = Product.objects.filter(shop__in=shops).exclude(line="")
    return list(named.order_by("line").values_list("line", flat=True).distinct())


def _shown(name: str, value: Any) -> Any:
    if name == "causes":
        return ", ".join(rule_history.source(TopCause(code).label) for code in value)
    return ", ".join(value) if name == "lines" else value
