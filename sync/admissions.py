"""What a receiver elsewhere needs to know a box: its request and its certificate, kept side by side at the office."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sync.enrolment import Admission, Certificate, admission_bytes
from sync.errors import SyncError
from sync.files import write_over


@dataclass(frozen=True, kw_only=True)
class AdmissionFolder:
    """The newest certificate of each box, and the request it answers."""

    path: Path
    office: bytes
    """The public key that certificates are signed with."""

    def keep(self, box: int, certificate: bytes, *, request: bytes | None = None) -> None:
        """Keep a certificate, and the request with the first one of a box. `OSError`."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if request is not None:
            write_over(self._file(box, "request"), request)
        write_over(self._file(box, "certificate"), certificate)

    def certificate(self, box: int) -> Certificate:
        """The newest one of that box. `OSError`, `SyncError`."""
        return Certificate.from_bytes(self._file(box, "certificate").read_bytes(), office=self.office)

    def all(self) -> Iterator[tuple[int, bytes]]:
        """Number and message of every admission; a box whose request was never kept, or is damaged, is left out."""
        for certificate in sorted(self.path.glob("*.certificate")):
            try:
                message = admission_bytes(certificate.with_suffix(".request").read_bytes(), certificate.read_bytes())
                number = Admission.from_bytes(message, office=self.office).certificate.number
            except (OSError, SyncError):
                continue
            yield number, message

    def _file(self, box: int, kind: str) -> Path:
        return self.path / f"{box:04}.{kind}"
