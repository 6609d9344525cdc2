"""The house rules that code can check: which room may import which, and that no source string lacks its Chinese."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]

FORBIDDEN = {
    "reviewdesk": {"reviews", "cases"},
    "reviews": {"cases"},
}
NAMES_THE_APPS = {"reviewdesk/urls.py", "reviewdesk/settings.py"}
PURE = [
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "reviews" / "classifier").glob("*.py")),
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "reviews" / "classifier" / "networks").glob("*.py")),
    "reviews/evidence.py",
    "reviews/learning/fitting.py",
    "reviews/vocabulary/application.py",
    "reviews/vocabulary/matching.py",
    "reviews/vocabulary/rules.py",
    "reviews/vocabulary/typical.py",
    "reviews/judgement.py",
    "cases/contacts/allowances.py",
    "cases/contacts/phone_refusal.py",
    "cases/priority.py",
    "cases/deadlines.py",
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "cases" / "working_time").glob("*.py")),
    "cases/risk.py",
    "cases/replies/check.py",
]


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


@pytest.mark.parametrize("package", FORBIDDEN)
def test_imports_run_one_way(package: str) -> None:
    wrong = [
        (str(path.relative_to(ROOT)), module)
        for path in (ROOT / package).rglob("*.py")
        if str(path.relative_to(ROOT)) not in NAMES_THE_APPS
        for module in imports_of(path)
        if module.split(".")[0] in FORBIDDEN[package]
    ]
    assert wrong == []


def test_only_the_queue_room_talks_to_rq() -> None:
    allowed = {"reviewdesk/queue.py", "reviewdesk/schedule.py"}
    wrong = [
        (str(path.relative_to(ROOT)), module)
        for package in ("reviewdesk", "reviews", "cases")
        for path in (ROOT / package).rglob("*.py")
        if str(path.relative_to(ROOT)) not in allowed
        for module in imports_of(path)
        if module.split(".")[0] in {"rq", "django_rq"}
    ]
    assert wrong == []


@pytest.mark.parametrize("name", PURE)
def test_pure_rooms_know_no_database_and_no_clock(name: str) -> None:
    forbidden = {"django.db", "django.utils.timezone", "reviews.models", "cases.models", "time"}
    assert forbidden & set(imports_of(ROOT / name)) == set()


def _extracted() -> set[str | tuple[str, ...]]:
    mapping = [
        ("templates/**.html", "reviewdesk.translation:template_messages"),
        *((f"{package}/**.py", "python") for package in ("reviewdesk", "reviews", "cases")),
    ]
    keywords = {
        "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
        "ngettext": (1, 2), "ngettext_lazy": (1, 2), "npgettext": ((1, "c"), 2, 3),
        "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    }  # fmt: skip
    found = extract_from_dir(str(ROOT), method_map=mapping, options_map={}, keywords=keywords)
    return {message for _file, _line, message, _comments, _context in found}


def _singular(message: str | tuple[str, ...] | list[str]) -> str:
    return message if isinstance(message, str) else message[0]


def _catalog() -> Catalog:
    with (ROOT / "locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file)


def test_every_source_string_has_its_chinese() -> None:
    translated = {_singular(message.id) for message in _catalog() if message.string}
    wanted = {_singular(message) for message in _extracted()}
    assert len(wanted) > 100
    assert sorted(wanted - translated) == []


def test_no_translation_is_left_without_its_source() -> None:
    wanted = {_singular(message) for message in _extracted()}
    stale = [message.id for message in _catalog() if message.id and _singular(message.id) not in wanted]
    assert stale == []


def test_placeholders_survive_translation() -> None:
    wrong = [m.id for m in _catalog() if m.id and m.python_format and list(m.check(_catalog()))]
    assert wrong == []
