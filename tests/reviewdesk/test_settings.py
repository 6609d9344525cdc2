"""What an installation may and may not be, tried in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = "cGhvbmVzIG9mIGJ1eWVycyBhcmUga2VwdCBzZWFsZWQ="


def settings_with(**variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import reviewdesk.settings"],
        env={"PATH": os.environ["PATH"], **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_secret_key_is_demanded_where_debug_is_off() -> None:
    done = settings_with(DEBUG="0")
    assert done.returncode != 0
    assert "SECRET_KEY must be set" in done.stderr


def test_keys_for_phone_numbers_are_demanded_where_debug_is_off() -> None:
    assert "PHONE_KEYS must be set" in settings_with(DEBUG="0", SECRET_KEY="x" * 50).stderr


def test_what_is_no_key_is_refused_without_being_repeated() -> None:
    done = settings_with(PHONE_KEYS=f"{KEY},no-key-at-all")
    assert "PHONE_KEYS: key 2" in done.stderr
    assert "no-key-at-all" not in done.stderr.splitlines()[-1]


def test_embedded_servers_are_refused_where_debug_is_off() -> None:
    done = settings_with(DEBUG="0", SECRET_KEY="x" * 50, PHONE_KEYS=KEY)
    assert "DATABASE_URL and REDIS_URL must be set" in done.stderr


def test_one_machine_may_ask_for_embedded_servers() -> None:
    assert settings_with(DEBUG="0", SECRET_KEY="x" * 50, PHONE_KEYS=KEY, REVIEWDESK_EMBEDDED="1").returncode == 0


def test_servers_by_url_are_accepted_where_debug_is_off() -> None:
    urls = {"DATABASE_URL": "postgres://u:p@db.example/reviewdesk", "REDIS_URL": "redis://cache.example/0"}
    assert settings_with(DEBUG="0", SECRET_KEY="x" * 50, PHONE_KEYS=KEY, **urls).returncode == 0


def _variables_read() -> set[str]:
    source = "".join(path.read_text() for path in (ROOT / "reviewdesk").glob("*.py"))
    named = re.findall(r'(?:env\.(?:text|flag|number|words)|os\.environ\.get)\(\s*"([A-Z_]+)"', source)
    named += re.findall(r"\$\{([A-Z_]+):-", (ROOT / "Procfile").read_text())
    return set(named) - {"PATH"}


def test_every_setting_stands_in_the_readme() -> None:
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert _variables_read() - table == set()


def test_the_readme_names_no_setting_that_is_gone() -> None:
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert table
    assert table - _variables_read() == set()


@pytest.mark.parametrize("name", ["DEBUG", "DATABASE_URL", "PORT"])
def test_the_search_for_settings_finds_the_known_ones(name: str) -> None:
    assert name in _variables_read()
