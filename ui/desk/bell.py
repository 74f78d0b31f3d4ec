"""The sound of a call on a tablet: two short tones that fade, as a WAV file made here."""

import io
import math
import wave

RATE = 16_000
_TONES = (1047.0, 784.0)
"""Do and so: below what ears of eighty no longer hear."""
_TONE_SECONDS = 0.35
_LOUDNESS = 0.5
_FADE = 7.0
_MIDDLE = 128


def bell() -> bytes:
    """The file: mono, 8 bits, shorter than a second."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(RATE)
        sound.writeframes(b"".join(_tone(pitch) for pitch in _TONES))
    return file.getvalue()


def _tone(pitch: float) -> bytes:
    turn = 2 * math.pi * pitch / RATE
    return bytes(
        _MIDDLE + round((_MIDDLE - 1) * _LOUDNESS * math.sin(turn * at) * math.exp(-_FADE * at / RATE))
        for at in range(int(RATE * _TONE_SECONDS))
    )
