"""What the phrases of a shop say of a review's causes. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from .matching import Hit, PhraseFinder


class Kind(TextChoices):
    """What a phrase is. A product's name that reads like a complaint (慢炖锅) is no sign of a cause."""

    SIGN = "sign", _("Sign of the cause")
    NO_SIGN = "no_sign", _("No sign of the cause")
    WORD = "word", _("Just a word")


class Rule(NamedTuple):
    """A phrase in its normal form; `code` is empty exactly where it is just a word."""

    phrase: str
    kind: Kind
    code: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All phrases in force, and for each the codes it is a sign of, and those it is no sign of."""

    finder: PhraseFinder
    signs: Mapping[str, frozenset[str]]
    no_signs: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Vocabulary:
        """Of two rules for the same phrase and code the later one counts."""
        in_force = {(rule.phrase, rule.code): rule for rule in rules}
        signs: dict[str, set[str]] = defaultdict(set)
        no_signs: dict[str, set[str]] = defaultdict(set)
        for rule in in_force.values():
            if rule.kind is not Kind.WORD:
                (signs if rule.kind is Kind.SIGN else no_signs)[rule.phrase].add(rule.code)
        return cls(
            PhraseFinder(phrase for phrase, _code in in_force),
            {phrase: frozenset(codes) for phrase, codes in signs.items()},
            {phrase: frozenset(codes) for phrase, codes in no_signs.items()},
        )

    @property
    def has_rules(self) -> bool:
        """Whether any phrase can change the causes of a review."""
        return bool(self.signs or self.no_signs)

    def telling_hits(self, text: str) -> list[Hit]:
        """Where `text` has phrases that say something of causes."""
        return [hit for hit in self.finder.hits(text) if hit.phrase in self.signs or hit.phrase in self.no_signs]
