"""Calls felt and heard with the cable out, by the product's own command: `python -m tests.house.felt FOLDER`.

Prints one line of JSON: what was up, and what lamp and loudspeaker did. In the place of the loudspeaker stands a
program that takes as long as the sound lasts, and keeps what it was given.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import requests

from appliance.assembly.voicing import clips_of
from appliance.config import load_config
from appliance.content import load_catalogue
from drivers.voice.wav import RATE, SAMPLE_BYTES
from tests.configured import VOLUNTEER_PIN
from tests.house.running import Person, SmallTown
from tests.house.thirty import interfaces_up

PATIENCE = 60
LOUDSPEAKER = f"""#!/bin/sh
cd "$HEARD"
while head -c {RATE * SAMPLE_BYTES} >"$$.second" && [ -s "$$.second" ]; do
    cat "$$.second" >>"$$.part"
    sleep 1
done
mv "$$.part" "$$.heard"
"""
VOICE = """
[voice]
volume = 100
times = 1
"""


@dataclass
class Hall:
    """A desk, and what can be seen and heard beside it."""

    folder: Path
    town: SmallTown = field(init=False)
    known: set[str] = field(default_factory=set)
    """Sounds by their number, each looked at once."""

    def __post_init__(self) -> None:
        programs = self.folder / "programs"
        programs.mkdir()
        (self.folder / "heard").mkdir()
        (programs / "aplay").write_text(LOUDSPEAKER, encoding="utf-8")
        (programs / "aplay").chmod(0o700)
        os.environ.update(PATH=f"{programs}:{os.environ['PATH']}", HEARD=str(self.folder / "heard"))
        self.town = SmallTown(self.folder)
        said = self.town.config.read_text(encoding="utf-8").replace('voice = "simulated"', 'voice = "open_jtalk"')
        self.town.config.write_text(said + VOICE, encoding="utf-8")
        self.clips = clips_of(load_config(self.town.config), load_catalogue())

    def open(self) -> None:
        """Until a finger is heard: what is down before is nobody's press."""
        self.town.open_desk()
        self._until((self.folder / "desk" / "buttons.json").exists)

    def press(self) -> None:
        """A finger on the button; the pins under it are imitated, everything above them is not."""
        page, token = self._page(r'name="csrf" value="(\w+)"')
        done = requests.post(
            f"{self.town.address}/hardware/press/1", data={"csrf": token}, cookies=page.cookies, timeout=20
        )
        assert done.ok, done.text

    def lamp(self) -> str:
        """What the lamp shows, by the name of its pattern."""
        return self._page(r'data-lamp="(\w+)"')[1]

    def lamp_becomes(self, pattern: str) -> bool:
        """Wait for it."""
        self._page(f'data-lamp="({pattern})"')
        return True

    def _page(self, wanted: str) -> tuple[requests.Response, str]:
        """The page in the place of the hall, once that is on it: the desk opens first, and then its hands."""
        pages: list[requests.Response] = []

        def look() -> bool:
            pages[:] = [requests.get(f"{self.town.address}/hardware", timeout=20)]
            return re.search(wanted, pages[0].text) is not None

        self._until(look)
        return pages[0], re.findall(wanted, pages[0].text)[0]

    def _until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, self.town.desk.log.read_text(encoding="utf-8")
            time.sleep(0.02)

    def hears(self, sentence: str) -> bool:
        """Whether `sentence` is in the next sound that comes to its end."""
        sound = self._next("heard").read_bytes()
        return (self.clips.samples(sentence) or b"nothing was made") in sound

    def begins_to_hear(self) -> None:
        """Until the next sound begins."""
        self._next("part")

    def is_silent_for(self, seconds: float) -> bool:
        """Whether nothing at all begins to sound."""
        before = self._sounds("*")
        time.sleep(seconds)
        return self._sounds("*").keys() <= before.keys()

    def _next(self, state: str) -> Path:
        self._until(lambda: bool(self._sounds(state).keys() - self.known))
        number = (self._sounds(state).keys() - self.known).pop()
        self.known.add(number)
        return self._sounds(state)[number]

    def _sounds(self, state: str) -> dict[str, Path]:
        return {path.stem: path for path in (self.folder / "heard").glob(f"*.{state}")}


def walk(folder: Path) -> dict[str, object]:
    """Nobody is there; somebody is there; she comes; the power fails in mid-sentence."""
    hall = Hall(folder)
    hall.open()
    found: dict[str, object] = {"interfaces": interfaces_up()}
    hall.press()
    found["nobody there"] = [hall.hears("いま、係が いません。"), hall.lamp()]
    sakura = Person(hall.town.address, number=1, pin=VOLUNTEER_PIN)
    hall.press()
    found["somebody there"] = [hall.hears("はい。係が まいります。そのまま お待ちください。"), hall.lamp()]
    sakura.look("/")
    call = re.search(r"/calls/([0-9a-f-]{36})/answer", sakura.page)
    assert call, sakura.page
    sakura.press(call[0])
    found["she comes"] = [hall.lamp_becomes("answered"), hall.hears("お待たせしました。係が そちらへ まいります。")]
    hall.press()
    hall.begins_to_hear()
    hall.town.desk.kill()
    hall.town.open_desk()
    found["after the power cut"] = [hall.is_silent_for(2), hall.lamp()]
    sakura.leave()
    hall.town.desk.end()
    return found


if __name__ == "__main__":
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    print(json.dumps(walk(Path(sys.argv[1]))))
