"""The process in which the voice's engine lives: sentences come in as lines of JSON, readings and sound go out.

A sentence with a path becomes a file there; one with a rate and no path is answered with its samples, and lies nowhere.
"""

import base64
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any, Protocol, TextIO

from drivers.voice.open_jtalk import engine, kana
from drivers.voice.wav import read_wav

_LET_OTHERS_GO_FIRST = 10


class Renders(Protocol):
    """Makes sound of a text."""

    def to_file(self, text: str, path: Path) -> None:
        """Write it into that file. `OSError`."""
        ...

    def samples(self, text: str) -> bytes:
        """Give it back. `OSError`."""
        ...

    def speak_at(self, *, rate: int, pitch: int) -> None:
        """From now on so fast and so high."""
        ...


def main() -> None:
    """One answer for each line, until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # the engine prints its remarks where our answers go
    with contextlib.suppress(OSError):  # the service's sandbox does not let it, and systemd shares the processor out
        os.nice(_LET_OTHERS_GO_FIRST)
    serve(sys.stdin, answers, renders=Renderer())


def serve(lines: TextIO, answers: TextIO, *, renders: Renders) -> None:
    """Answer every line in its turn; what cannot be rendered is answered with its reason."""
    for line in lines:
        asked = json.loads(line)
        answer = {"kana": kana(asked["text"])}
        if "rate" in asked:
            try:
                answer |= _sound(asked, renders)
            except OSError as error:
                answer = {"error": error.strerror or str(error)}
        answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
        answers.flush()


def _sound(asked: dict[str, Any], renders: Renders) -> dict[str, str]:
    renders.speak_at(rate=int(asked["rate"]), pitch=int(asked["pitch"]))
    if "path" in asked:
        renders.to_file(asked["text"], Path(asked["path"]))
        return {}
    return {"samples": base64.b64encode(renders.samples(asked["text"])).decode()}


class Renderer:
    """The engine, through pyttsx3."""

    def __init__(self) -> None:
        self._errors: list[Exception] = []
        self._heard: list[bytes] = []
        self._speaker = engine(lambda samples, _stop: self._heard.append(samples))
        self._speaker.connect("error", lambda **told: self._errors.append(told["exception"]))

    def speak_at(self, *, rate: int, pitch: int) -> None:
        """See above."""
        self._speaker.setProperty("rate", rate)
        self._speaker.setProperty("pitch", pitch)

    def to_file(self, text: str, path: Path) -> None:
        """See above."""
        self._speaker.save_to_file(text, str(path))
        self._carry_out()
        if not read_wav(path):
            path.unlink(missing_ok=True)
            raise OSError("nothing in it can be said")

    def samples(self, text: str) -> bytes:
        """See above."""
        self._heard.clear()
        self._speaker.say(text)
        self._carry_out()
        if not (heard := b"".join(self._heard)):
            raise OSError("nothing in it can be said")
        return heard

    def _carry_out(self) -> None:
        self._errors.clear()
        self._speaker.runAndWait()
        if self._errors:
            raise OSError(str(self._errors[0]))


if __name__ == "__main__":
    main()
