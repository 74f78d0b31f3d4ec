"""What the command says of itself."""

from importlib.metadata import version

import pytest

from appliance.cli import main


def test_the_command_knows_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code in (None, 0)
    assert capsys.readouterr().out == f"madoguchi {version('madoguchi')}\n"
