"""A configuration that a program changes stays the one that people have written."""

from pathlib import Path

import pytest

from appliance.config import load_config
from appliance.desk.errors import ConfigError
from provisioning.network_settings import set_in

HEAD = """\
# この箱の設定
[desk]
facility = "kominkan-chuo" # 変えない
facility_name = "中央公民館"
"""
TAIL = """
[state]
directory = "state"

[town]
keys = "town-keys.toml"
"""
VALUES = {"host": "127.0.0.1", "names": ["madoguchi-07.local"], "behind_tls": True}
WRITTEN = 'host = "127.0.0.1"\nnames = ["madoguchi-07.local"]\nbehind_tls = true\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "madoguchi.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HEAD + TAIL, HEAD + TAIL + "\n[server]\n" + WRITTEN),
        (HEAD + "[server]\nport = 80 # 短い\n" + TAIL, HEAD + "[server]\n" + WRITTEN + "port = 80 # 短い\n" + TAIL),
        (HEAD + "[server]\nhost = '::'\n" + TAIL, HEAD + "[server]\n" + WRITTEN + TAIL),
    ],
)
def test_only_what_is_named_changes(tmp_path: Path, before: str, after: str) -> None:
    path = write(tmp_path, before)
    assert set_in(path, "server", VALUES)
    assert path.read_text(encoding="utf-8") == after
    server = load_config(path).server
    assert (server.host, server.names, server.behind_tls) == ("127.0.0.1", ("madoguchi-07.local",), True)
    assert not set_in(path, "server", VALUES)


@pytest.mark.parametrize("odd", ['[server]\nnames = [\n  "a.example.jp",\n]\n', "server.names = []\n"])
def test_what_cannot_be_changed_line_by_line_is_left_to_a_person(tmp_path: Path, odd: str) -> None:
    text = odd + HEAD + TAIL if odd.startswith("server") else HEAD + odd + TAIL
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match=r"by hand: .*behind_tls = true"):
        set_in(path, "server", VALUES)
    assert path.read_text(encoding="utf-8") == text


def test_who_may_read_it_stays_as_it_was(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + TAIL)
    path.chmod(0o640)
    set_in(path, "server", VALUES)
    assert path.stat().st_mode & 0o777 == 0o640
