"""Changes keys of one section of a configuration and leaves every other line as people have written it."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

from appliance.config import load_config
from appliance.desk.errors import ConfigError
from provisioning.network_machine import put


def set_in(path: Path, section: str, values: Mapping[str, object]) -> bool:
    """Let that section of a configuration say `values`; whether anything was changed. `ConfigError`, `NeedsRoot`.

    What cannot be changed line by line is left for a person, with words.
    """
    before = path.read_text("utf-8")
    now = tomllib.loads(before)
    wanted = {**now, section: {**now.get(section, {}), **values}}
    if wanted == now:
        return False
    text = _changed(before, section, values)
    if _read(text) != wanted:
        raise ConfigError(section, f"write these into {path} by hand: {', '.join(map(_line, values.items()))}")
    put(path, text, mode=path.stat().st_mode & 0o777)
    load_config(path)
    return True


def _changed(text: str, section: str, values: Mapping[str, object]) -> str:
    header = f"[{section}]"
    lines = text.splitlines()
    start = next((at for at, line in enumerate(lines) if line.partition("#")[0].strip() == header), None)
    if start is None:
        return "\n".join([*lines, "", header, *map(_line, values.items())]) + "\n"
    end = next((at for at in range(start + 1, len(lines)) if lines[at].startswith("[")), len(lines))
    kept = [line for line in lines[start + 1 : end] if line.partition("=")[0].strip() not in values]
    return "\n".join([*lines[: start + 1], *map(_line, values.items()), *kept, *lines[end:]]) + "\n"


def _line(setting: tuple[str, object]) -> str:
    """A JSON value of text, number, truth or a list of them is a TOML value as well."""
    return f"{setting[0]} = {json.dumps(setting[1], ensure_ascii=False)}"


def _read(text: str) -> Mapping[str, object] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
