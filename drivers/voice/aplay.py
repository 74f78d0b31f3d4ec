"""One `aplay` for each announcement: its exit status is the only truth about whether something sounded."""

import os
import select
import signal
import subprocess
import time
from array import array
from collections.abc import Callable, Iterator

from appliance.desk.errors import DeviceError
from drivers.voice.wav import RATE, SAMPLE_BYTES, seconds_of

STALLED = 5.0
"""Seconds in which a sound card that lives takes something."""
_LOOK_SECONDS = 0.02
_CHUNK = RATE // 10 * SAMPLE_BYTES
_FULL = 100
_LONGEST_COMPLAINT = 200
_SHORTEST_SHARE = 0.5
"""Of a sound's own length; what ends sooner went to a device that throws it away."""
Process = subprocess.Popen[bytes]


class Aplay:
    """Plays samples through ALSA."""

    def __init__(self, *, device: str = "default", program: str = "aplay", stalled: float = STALLED) -> None:
        self._command = [program, "-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", str(RATE), "-D", device, "-"]
        self._stalled = stalled

    def play(self, samples: bytes, *, volume: int, stop: Callable[[], bool]) -> bool:
        """Play to the end, whether it came to that; `volume` in percent, `stop` is asked often. `DeviceError`."""
        began = time.monotonic()
        player = self._start()
        try:
            if not (self._feed(player, samples, volume, stop) and self._wait(player, stop)):
                return False
            self._judge(player, time.monotonic() - began, seconds_of(samples))
        finally:
            _end(player)
        return True

    def _start(self) -> Process:
        try:
            player = subprocess.Popen(  # noqa: S603 (our own words)
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise DeviceError(f"{self._command[0]} does not start: {error.strerror}") from None
        for pipe in (player.stdin, player.stderr):
            os.set_blocking(_number(pipe), False)
        return player

    def _feed(self, player: Process, samples: bytes, volume: int, stop: Callable[[], bool]) -> bool:
        """Give it everything; False when told to stop. Whoever closes its ear is judged by its exit status."""
        pipe = _number(player.stdin)
        alive = time.monotonic()
        for chunk in _scaled(samples, volume):
            left = memoryview(chunk)
            while left:
                if stop():
                    return False
                if time.monotonic() - alive > self._stalled:
                    raise DeviceError("the sound card takes nothing")
                if not select.select([], [pipe], [], _LOOK_SECONDS)[1]:
                    continue
                try:
                    left = left[os.write(pipe, left) :]
                except BrokenPipeError:
                    self._wait(player, stop)
                    raise DeviceError(f"the sound broke off: {_complaint(player)}") from None
                alive = time.monotonic()
        if player.stdin is not None:
            player.stdin.close()
        return True

    def _wait(self, player: Process, stop: Callable[[], bool]) -> bool:
        """Until it has ended; False when told to stop."""
        until = time.monotonic() + self._stalled
        while player.poll() is None:
            if stop():
                return False
            if time.monotonic() > until:
                raise DeviceError("the sound card does not come to an end")
            time.sleep(_LOOK_SECONDS)
        return True

    def _judge(self, player: Process, lasted: float, should_last: float) -> None:
        if player.returncode != 0:
            raise DeviceError(f"nothing sounded: {_complaint(player)}")
        if lasted < should_last * _SHORTEST_SHARE:
            raise DeviceError("the sound ended before its time; is this a device that throws it away?")


def _scaled(samples: bytes, volume: int) -> Iterator[bytes]:
    """Piece by piece, so that the first one is out at once."""
    for at in range(0, len(samples), _CHUNK):
        chunk = samples[at : at + _CHUNK]
        yield chunk if volume == _FULL else array("h", (one * volume // _FULL for one in array("h", chunk))).tobytes()


def _end(player: Process) -> None:
    if player.poll() is None:
        os.killpg(player.pid, signal.SIGKILL)
    player.wait()
    for pipe in (player.stdin, player.stderr):
        if pipe is not None:
            pipe.close()


def _complaint(player: Process) -> str:
    """The last line it said, or its exit status."""
    try:
        said = os.read(_number(player.stderr), 65536).decode(errors="replace").strip()
    except BlockingIOError:
        said = ""
    return said.splitlines()[-1][:_LONGEST_COMPLAINT] if said else f"exit status {player.returncode}"


def _number(pipe: object) -> int:
    return int(pipe.fileno()) if hasattr(pipe, "fileno") else -1
