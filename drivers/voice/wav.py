"""Sound files: mono, 16 bit, all of one rate, there whole or not at all."""

import io
import os
import wave
from pathlib import Path
from typing import BinaryIO

RATE = 24_000
"""Samples a second."""
SAMPLE_BYTES = 2


def in_a_wav(samples: bytes) -> bytes:
    """`samples` as the bytes of a sound file."""
    made = io.BytesIO()
    _fill(made, samples)
    return made.getvalue()


def write_wav(path: Path, samples: bytes) -> None:
    """Put `samples` into that file; whoever looks sees all of it or what was there before. `OSError`."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with new.open("wb") as raw:
            _fill(raw, samples)
            raw.flush()
            os.fsync(raw.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def read_wav(path: Path) -> bytes | None:
    """The samples in that file; None where it is not there, is damaged, or is not one of ours."""
    try:
        with wave.open(str(path), "rb") as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, SAMPLE_BYTES, RATE):
                return None
            samples = file.readframes(file.getnframes())
            return samples if len(samples) == file.getnframes() * SAMPLE_BYTES else None
    except (OSError, EOFError, wave.Error):
        return None


def _fill(raw: BinaryIO, samples: bytes) -> None:
    with wave.open(raw, "wb") as file:
        file.setparams((1, SAMPLE_BYTES, RATE, 0, "NONE", ""))
        file.writeframes(samples)


def seconds_of(samples: bytes) -> float:
    """How long they sound."""
    return len(samples) / (RATE * SAMPLE_BYTES)
