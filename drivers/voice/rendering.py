"""Has sentences rendered by a process that ends with the work, so that the desk never carries the engine."""

import base64
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from appliance.desk.errors import DeviceError
from drivers.voice.clips import PAUSE, Clips, sentences_of

PATIENCE = 60.0
"""Seconds for one sentence, the start of the engine on the slowest board included."""
_LOOK_SECONDS = 0.05
_COMMAND = (sys.executable, "-m", "drivers.voice.worker")
Worker = subprocess.Popen[bytes]


def _never() -> bool:
    return False


def render(
    clips: Clips,
    sentences: Sequence[str],
    *,
    on_done: Callable[[str, str], None] = lambda _sentence, _kana: None,
    stop: Callable[[], bool] = _never,
    command: Sequence[str] = _COMMAND,
    patience: float = PATIENCE,
) -> None:
    """Make the files of `sentences`; `on_done` is told each with its reading. `DeviceError`; what was made stays."""
    try:
        clips.make_room()
    except OSError as error:
        raise DeviceError(f"the folder of the voice cannot be made: {error.strerror}") from None
    with _worker(command) as worker:
        for sentence in sentences:
            asked = _asked(clips, sentence) | {"path": str(clips.path(sentence))}
            on_done(sentence, _ask(worker, asked, stop=stop, patience=patience)["kana"])


def synthesise(
    clips: Clips,
    text: str,
    *,
    stop: Callable[[], bool] = _never,
    command: Sequence[str] = _COMMAND,
    patience: float = PATIENCE,
) -> bytes:
    """How `text` sounds at the speed of `clips`; it comes through a pipe and lies on no disk. `DeviceError`."""
    with _worker(command) as worker:
        parts = [
            _ask(worker, _asked(clips, sentence), stop=stop, patience=patience)["samples"]
            for sentence in sentences_of(text)
        ]
    if not parts:
        raise DeviceError("there is nothing to say in this sentence")
    return PAUSE.join(base64.b64decode(part) for part in parts)


def readings(texts: Sequence[str], *, command: Sequence[str] = _COMMAND, patience: float = PATIENCE) -> list[str]:
    """How each text will be read, in katakana. `DeviceError`."""
    with _worker(command) as worker:
        return [_ask(worker, {"text": text}, stop=_never, patience=patience)["kana"] for text in texts]


def _asked(clips: Clips, sentence: str) -> dict[str, object]:
    return {"text": clips.words(sentence), "rate": clips.rate, "pitch": clips.pitch}


@contextmanager
def _worker(command: Sequence[str]) -> Iterator[Worker]:
    try:
        worker = subprocess.Popen(  # noqa: S603 (our own words)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # more would cost memory and serve nobody
        )
    except OSError as error:
        raise DeviceError(f"the voice's process does not start: {error.strerror}") from None
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()
        for pipe in (worker.stdin, worker.stdout):
            if pipe is not None:
                pipe.close()


def _ask(worker: Worker, asked: dict[str, object], *, stop: Callable[[], bool], patience: float) -> dict[str, str]:
    if worker.stdin is None or worker.stdout is None:
        raise DeviceError("the voice's process has no pipes")
    try:
        worker.stdin.write(json.dumps(asked).encode() + b"\n")
    except BrokenPipeError:
        raise DeviceError("the voice's engine is not installed, or it ended") from None
    answer: dict[str, str] = json.loads(_answer(worker.stdout, stop=stop, until=time.monotonic() + patience))
    if "error" in answer:
        raise DeviceError(f"a sentence could not be rendered: {answer['error']}")
    return answer


def _answer(pipe: IO[bytes], *, stop: Callable[[], bool], until: float) -> bytes:
    """Its next line of JSON; the engine prints remarks of its own before."""
    read = b""
    while not (read.endswith(b"\n") and read.splitlines()[-1].startswith(b"{")):
        if stop():
            raise DeviceError("rendering was broken off")
        if time.monotonic() > until:
            raise DeviceError("the voice's engine does not answer")
        if select.select([pipe], [], [], _LOOK_SECONDS)[0]:
            more = pipe.read(65536)
            if not more:
                raise DeviceError("the voice's engine is not installed, or it ended")
            read += more
    return read.splitlines()[-1]
