"""Port `Enrolment` of the pages, on the files that `madoguchi enrol` leaves in the state folder.

What reads them is loaded only where they are: cryptography is no part of a start.
"""

from pathlib import Path

from ui.desk.enrolment_pages import Shown


class StoredEnrolment:
    """How far the enrolment of the box with that configuration and state has come."""

    def __init__(self, *, config: Path, state: Path) -> None:
        self._config = config
        self._state = state
        self._code: tuple[bytes, str] = (b"", "")

    def waits(self) -> bool:
        """See the port."""
        if not (self._state / "enrolment.request").exists():
            return False
        from provisioning.enrol import BoxPlace, held

        return held(BoxPlace(config=self._config, state=self._state)) is None

    def shown(self) -> Shown | None:
        """See the port."""
        from provisioning.enrol import BoxPlace, held, request_of
        from provisioning.errors import NotPrepared

        place = BoxPlace(config=self._config, state=self._state)
        try:
            asked, data = request_of(place)
        except NotPrepared:
            return None
        return Shown(box=asked.box, code=self._code_of(data), is_enrolled=held(place) is not None)

    def picture(self) -> bytes:
        """See the port."""
        from provisioning.enrol import BoxPlace, request_of
        from provisioning.qr import as_svg
        from sync.enrolment import request_text

        return as_svg(request_text(request_of(BoxPlace(config=self._config, state=self._state))[1]))

    def _code_of(self, data: bytes) -> str:
        """Slow on purpose, so it is made once for each request."""
        from sync.enrolment import code_of

        if self._code[0] != data:
            self._code = (data, code_of(data))
        return self._code[1]
