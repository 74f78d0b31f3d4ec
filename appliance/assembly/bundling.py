"""What the command does to make the offline bundle."""

import os
import tempfile
from argparse import Namespace
from importlib.metadata import version
from pathlib import Path

from appliance.assembly.verbs import OK, note
from appliance.messages import text
from provisioning.bundle import Target, pack
from provisioning.stick import writing
from provisioning.wheelhouse import HOUSE, collect


def provision_bundle(arguments: Namespace) -> int:
    """Collect what a box of that kind needs and write it into one file."""
    target = Target(arch=arguments.arch or own_arch(), python=arguments.python)
    with tempfile.TemporaryDirectory() as scratch:
        parts = collect(
            HOUSE,
            target,
            version=version("madoguchi"),
            scratch=Path(scratch),
            say=lambda step: note(text(step, arch=target.arch, suite=target.suite)),
        )
        note(text("bundle_pack"))
        with writing(arguments.out):
            fingerprint = pack(parts, target, arguments.out)
    print(text("bundle_made", path=arguments.out, size=arguments.out.stat().st_size / 1e6, fingerprint=fingerprint))
    return OK


def own_arch() -> str:
    """What Debian calls the processor of this computer."""
    return {"aarch64": "arm64"}.get(os.uname().machine, "amd64")
