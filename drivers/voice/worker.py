"""The process in which the voice's engine lives: sentences come in as lines of JSON, files and readings go out."""

import contextlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from drivers.voice.open_jtalk import engine, kana
from drivers.voice.wav import read_wav

_LET_OTHERS_GO_FIRST = 10


def main() -> None:
    """One answer for each line, until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # the engine prints its remarks where our answers go
    with contextlib.suppress(OSError):  # the service's sandbox does not let it, and systemd shares the processor out
        os.nice(_LET_OTHERS_GO_FIRST)
    serve(sys.stdin, answers, render=_renderer())


def serve(lines: TextIO, answers: TextIO, *, render: Callable[[str, Path, int], None]) -> None:
    """Answer every line in its turn; what cannot be rendered is answered with its reason."""
    for line in lines:
        asked = json.loads(line)
        answer = {"kana": kana(asked["text"])}
        if "path" in asked:
            try:
                render(asked["text"], Path(asked["path"]), int(asked["rate"]))
            except OSError as error:
                answer = {"error": error.strerror or str(error)}
        answers.write(json.dumps(answer, ensure_ascii=False) + "\n")
        answers.flush()


def _renderer() -> Callable[[str, Path, int], None]:
    speaker = engine()
    errors: list[Exception] = []
    speaker.connect("error", lambda **told: errors.append(told["exception"]))

    def render(text: str, path: Path, rate: int) -> None:
        errors.clear()
        speaker.setProperty("rate", rate)
        speaker.save_to_file(text, str(path))
        speaker.runAndWait()
        if errors:
            raise OSError(str(errors[0]))
        if not read_wav(path):
            path.unlink(missing_ok=True)
            raise OSError("nothing in it can be said")

    return render


if __name__ == "__main__":
    main()
