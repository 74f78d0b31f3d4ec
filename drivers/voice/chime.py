"""The sound before a sentence: it wakes loudspeakers that swallow their first moment, and ears."""

import math
from array import array

from drivers.voice.wav import RATE

_NOTES = ((659.3, 0.0), (523.3, 0.32))
"""Hertz and when, in seconds; between 500 and 1 000 Hz old ears hear best."""
_LEAD_SECONDS = 0.15
_NOTE_SECONDS = 0.55
_FADE = 6.0
_LEVEL = 11_000
_BEGIN_SECONDS = 0.008
"""A tone that begins at once clicks."""


def chime() -> bytes:
    """Two falling notes as samples."""
    length = int((_LEAD_SECONDS + _NOTES[-1][1] + _NOTE_SECONDS) * RATE)
    sound = array("d", bytes(length * 8))  # a list of numbers would be three times as much, and stay
    for hertz, begins in _NOTES:
        first = int((_LEAD_SECONDS + begins) * RATE)
        for at in range(min(int(_NOTE_SECONDS * RATE), length - first)):
            second = at / RATE
            swell = min(1.0, second / _BEGIN_SECONDS) * math.exp(-_FADE * second)
            sound[first + at] += _LEVEL * swell * math.sin(2 * math.pi * hertz * second)
    return array("h", (int(sample) for sample in sound)).tobytes()
