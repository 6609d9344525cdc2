from pathlib import Path

from reviewdesk import embedded


def test_a_long_path_gets_a_short_folder_of_its_own(tmp_path: Path) -> None:
    servers = embedded.Servers(tmp_path / ("x" * 120))
    longest = servers.sockets / ".s.PGSQL.5432.lock"
    assert len(str(longest)) <= 107
