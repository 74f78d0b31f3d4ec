"""From one kit to many enrolled boxes, without a network, and everything that somebody could slip in between."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance.assembly.town import TownFolder, registry_of, town_keys_of
from appliance.cli import main
from appliance.config import load_config
from sync.enrolment import code_of, request_text
from sync.keys import load_private
from sync.leaving import Leave
from tests.configured import FACILITY, MUNICIPALITY
from tests.house.thirty import PASSPHRASE, enrol_boxes, run
from tests.provisioning.site import SITE, write_site

ALONE = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--user", "--map-root-user", "--net")


def can_be_alone() -> bool:
    try:
        return subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def devices(folder: Path) -> list[tuple[int | None, str, bytes]]:
    town = TownFolder(folder / "town")
    found = registry_of(town, town_keys_of(town)).all()
    return [(device.box, device.facility, device.public_key) for device in found]


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(not can_be_alone(), reason="this system lets nobody make a network namespace")
def test_thirty_boxes_are_enrolled_from_one_kit_with_no_network_at_all(tmp_path: Path) -> None:
    words = [*ALONE, sys.executable, "-m", "tests.house.thirty", str(tmp_path), "30"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=380, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"interfaces": [], "boxes": 30}
    boxes = devices(tmp_path)
    assert [number for number, _, _ in boxes] == list(range(1, 31))
    assert {facility for _, facility, _ in boxes} == {"kominkan-chuo", "toshokan"}
    keys = [(tmp_path / f"box{number}" / "state" / "device.key").read_bytes() for number in range(1, 31)]
    assert len(set(keys)) == len({public for _, _, public in boxes}) == 30
    told = (tmp_path / "stick" / "RESULT.txt").read_text(encoding="utf-8-sig")
    assert told.count("登録できました") == 30


def test_no_secret_is_on_the_stick_or_in_what_was_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    enrol_boxes(tmp_path, 2)
    town = TownFolder(tmp_path / "town")
    secrets = [load_private(town.private(name), PASSPHRASE) for name in ("office", "recovery", "lists")]
    secrets += [town.private("receiver").read_bytes()]
    secrets += [(tmp_path / f"box{number}" / "state" / "device.key").read_bytes() for number in (1, 2)]
    written = [path.read_bytes() for path in (tmp_path / "stick").rglob("*") if path.is_file()]
    written.append("".join(capsys.readouterr()).encode())
    assert len(written) > 5
    for secret in secrets:
        for form in (secret, secret.hex().encode()):
            assert not [content for content in written if form in content]
    names = [content for content in written if "さくら".encode() in content]
    assert names == []  # the kit alone held display names, and it was wiped


def test_first_pins_are_said_once_and_open_the_desk(tmp_path: Path) -> None:
    stick, secret = small_town(tmp_path)
    said = run(*box_words(tmp_path, stick, 1), "--keep-kit")
    assert "さくら" in said
    again = run(*box_words(tmp_path, stick, 1), "--afresh", "--keep-kit")
    assert "さくら" not in again
    for path in (tmp_path / "box1").rglob("*"):
        if path.is_file():
            assert "さくら".encode() not in path.read_bytes()
    assert secret


def small_town(folder: Path, code: str = MUNICIPALITY) -> tuple[Path, tuple[object, ...]]:
    stick, passphrase = folder / "stick", folder / "passphrase"
    stick.mkdir()
    passphrase.write_text(PASSPHRASE + "\n", encoding="utf-8")
    secret = ("--folder", folder / "town", "--passphrase-file", passphrase)
    run("town", "keys", "--code", code, *secret)
    site = write_site(folder / "site", SITE.replace(MUNICIPALITY, code))
    run("provision", "kit", "--site", site, "--to", stick, *secret)
    return stick, secret


def box_words(folder: Path, stick: Path, number: int) -> tuple[object, ...]:
    place = folder / f"box{number}"
    where = ("--config", place / "etc" / "madoguchi.toml", "--state", place / "state")
    return ("enrol", *where, "--stick", stick, "--facility", FACILITY)


@dataclass
class Enrolled:
    """A town and box 1, enrolled."""

    folder: Path
    stick: Path
    secret: tuple[object, ...]
    capsys: pytest.CaptureFixture[str]

    @property
    def box(self) -> tuple[object, ...]:
        return box_words(self.folder, self.stick, 1)

    def refused(self, *words: object) -> str:
        """What a verb says when it refuses, in Japanese as the stick has it, or at the terminal."""
        self.capsys.readouterr()
        assert main([str(word) for word in words]) == 1
        return self.capsys.readouterr().err

    @property
    def told(self) -> str:
        return (self.stick / "RESULT.txt").read_text(encoding="utf-8-sig")


@pytest.fixture
def enrolled(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Enrolled:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    monkeypatch.setattr("sync.enrolment._CODE_KIBIBYTES", 64)
    enrol_boxes(tmp_path, 1)
    secret = ("--folder", tmp_path / "town", "--passphrase-file", tmp_path / "passphrase")
    return Enrolled(folder=tmp_path, stick=tmp_path / "stick", secret=secret, capsys=capsys)


def test_a_tampered_kit_is_refused_in_words(enrolled: Enrolled) -> None:
    (kit,) = (enrolled.folder / "town" / "kits").iterdir()
    data = bytearray(kit.read_bytes())
    data[1000] ^= 1
    (enrolled.stick / "site.kit").write_bytes(data)
    assert "書きかわっています" in enrolled.refused(*box_words(enrolled.folder, enrolled.stick, 2))
    assert "故障番号 K02" in enrolled.told
    assert not (enrolled.folder / "box2" / "state" / "device.key").exists()
    assert "書きかわっています" in enrolled.refused("provision", "check-kit", enrolled.stick)


def test_a_half_copied_kit_is_refused_in_words_and_a_whole_one_then_taken(enrolled: Enrolled) -> None:
    (kit,) = (enrolled.folder / "town" / "kits").iterdir()
    for length in (0, 100, len(kit.read_bytes()) - 1):
        (enrolled.stick / "site.kit").write_bytes(kit.read_bytes()[:length])
        assert "途中で 切れたか" in enrolled.refused(*box_words(enrolled.folder, enrolled.stick, 2))
    (enrolled.stick / "site.kit").write_bytes(kit.read_bytes())
    assert "箱 2番" in run(*box_words(enrolled.folder, enrolled.stick, 2))


def test_a_kit_with_a_wrong_check_digit_is_not_made(enrolled: Enrolled) -> None:
    site = write_site(enrolled.folder / "wrong", SITE.replace("999997", "999998"))
    said = enrolled.refused("provision", "kit", "--site", site, "--to", enrolled.stick, *enrolled.secret)
    assert "check digit" in said
    site = write_site(enrolled.folder / "other", SITE.replace("999997", "131016"))
    said = enrolled.refused("provision", "kit", "--site", site, "--to", enrolled.stick, *enrolled.secret)
    assert "is 131016, the keys are of 999997" in said
    assert not (enrolled.stick / "site.kit").exists()


def test_a_box_that_has_a_kit_takes_no_other_towns_no_older_one_and_none_with_other_keys(enrolled: Enrolled) -> None:
    (first,) = (enrolled.folder / "town" / "kits").iterdir()
    old = first.read_bytes()
    run("provision", "kit", "--site", enrolled.folder / "site" / "site.toml", "--to", enrolled.stick, *enrolled.secret)
    run(*enrolled.box, "--afresh", "--keep-kit")
    before = (enrolled.folder / "box1" / "state" / "enrolment.request").read_bytes()
    for number, (code, words) in enumerate((("131016", "ほかの自治体の"), (MUNICIPALITY, "町の鍵と、キットの鍵が"))):
        elsewhere = enrolled.folder / f"elsewhere{number}"
        elsewhere.mkdir()
        (enrolled.stick / "site.kit").write_bytes((small_town(elsewhere, code)[0] / "site.kit").read_bytes())
        assert words in enrolled.refused(*enrolled.box, "--afresh")
    (enrolled.stick / "site.kit").write_bytes(old)
    assert "古い キットです" in enrolled.refused(*enrolled.box, "--afresh")
    assert [f"故障番号 {fault}" in enrolled.told for fault in ("K04", "K10", "K11")] == [True] * 3
    assert (enrolled.folder / "box1" / "state" / "enrolment.request").read_bytes() == before


def test_a_stick_without_a_kit_says_so(enrolled: Enrolled) -> None:
    assert "見つかりません" in enrolled.refused(*box_words(enrolled.folder, enrolled.stick, 2))
    assert "故障番号 K01" in enrolled.told


def test_a_wrong_code_and_a_code_nobody_compared_are_refused(enrolled: Enrolled) -> None:
    (kit,) = (enrolled.folder / "town" / "kits").iterdir()
    (enrolled.stick / "site.kit").write_bytes(kit.read_bytes())
    run(*box_words(enrolled.folder, enrolled.stick, 2))
    certify = ("town", "certify", "--stick", enrolled.stick, *enrolled.secret)
    assert "符号が ちがいます" in enrolled.refused(*certify, "--code", "2=AAAA-AAAA")
    assert "nobody has compared" in enrolled.refused(*certify)
    assert "故障番号 K22" in enrolled.told
    assert [box for box, _, _ in devices(enrolled.folder)] == [1]
    run(*box_words(enrolled.folder, enrolled.stick, 2))  # still waits


def test_a_swapped_stick_is_refused_on_both_sides(enrolled: Enrolled, tmp_path: Path) -> None:
    thief = tmp_path / "thief"
    thief.mkdir()
    stick, secret = small_town(thief)
    said = run(*box_words(enrolled.folder, stick, 2), "--box", "2")
    assert "符号" in said
    (stick / "enrol" / "0002.request").replace(enrolled.stick / "enrol" / "0002.request")
    certify = ("town", "certify", "--stick", enrolled.stick, *enrolled.secret)
    assert "この町が 作っていない キット" in enrolled.refused(*certify)
    certificate = (enrolled.stick / "enrol" / "0001.certificate").read_bytes()
    (stick / "enrol" / "0002.certificate").write_bytes(certificate)
    assert "この町の役場が 出したものでは" in enrolled.refused(*box_words(enrolled.folder, stick, 2))
    assert secret


def test_a_replayed_certificate_is_refused(enrolled: Enrolled) -> None:
    path = enrolled.stick / "enrol" / "0001.certificate"
    before = path.read_bytes()
    run("town", "move", "--box", "1", "--facility", "toshokan", "--stick", enrolled.stick, *enrolled.secret)
    run(*enrolled.box)
    assert load_config(enrolled.folder / "box1" / "etc" / "madoguchi.toml").desk.facility == "toshokan"
    path.write_bytes(before)
    assert "古い証明" in enrolled.refused(*enrolled.box)
    assert "故障番号 K32" in enrolled.told
    assert load_config(enrolled.folder / "box1" / "etc" / "madoguchi.toml").desk.facility == "toshokan"


def test_a_stolen_box_is_refused_by_stick_and_office(enrolled: Enrolled) -> None:
    run("town", "stolen", "--box", "1", "--stick", enrolled.stick, *enrolled.secret)
    assert "盗まれた" in enrolled.refused(*enrolled.box)
    town = TownFolder(enrolled.folder / "town")
    device = registry_of(town, town_keys_of(town)).box(1)
    assert device is not None
    assert device.left is Leave.STOLEN
    assert not device.accepts(b"any-life", 1)
    move = ("town", "move", "--box", "1", "--facility", "toshokan", "--stick", enrolled.stick, *enrolled.secret)
    assert "故障" not in enrolled.refused(*move)


def test_a_box_retires_with_its_farewell(enrolled: Enrolled) -> None:
    retire = ("town", "retire", "--box", "1", "--stick", enrolled.stick, *enrolled.secret)
    assert "おわりのしるし" in enrolled.refused(*retire)
    run("leave", "--config", enrolled.folder / "box1" / "etc" / "madoguchi.toml", "--stick", enrolled.stick)
    run(*retire)
    assert "`madoguchi provision wipe`" in enrolled.refused(*enrolled.box)
    town = TownFolder(enrolled.folder / "town")
    device = registry_of(town, town_keys_of(town)).box(1)
    assert device is not None
    assert device.left is Leave.RETIRED
    assert device.departure is not None
    assert [head.sequence for head in device.departure.heads] == [0]


def test_a_retired_box_comes_back_with_new_keys_and_a_new_number(enrolled: Enrolled) -> None:
    config = enrolled.folder / "box1" / "etc" / "madoguchi.toml"
    run("leave", "--config", config, "--stick", enrolled.stick)
    run("town", "retire", "--box", "1", "--stick", enrolled.stick, *enrolled.secret)
    run("provision", "wipe", "--config", config)
    (kit,) = (enrolled.folder / "town" / "kits").iterdir()
    (enrolled.stick / "site.kit").write_bytes(kit.read_bytes())
    said = run(*enrolled.box)
    code = re.search(r"箱 2番 +符号 ([A-Z2-9-]+)", said)
    assert code, said
    run("town", "certify", "--stick", enrolled.stick, "--code", f"2={code[1]}", *enrolled.secret)
    assert "登録できました" in run(*enrolled.box)
    (_, _, before), (_, _, now) = devices(enrolled.folder)
    assert before != now


def test_a_request_and_its_certificate_may_travel_as_letters(enrolled: Enrolled) -> None:
    (kit,) = (enrolled.folder / "town" / "kits").iterdir()
    (enrolled.stick / "site.kit").write_bytes(kit.read_bytes())
    run(*box_words(enrolled.folder, enrolled.stick, 2))
    request = (enrolled.folder / "box2" / "state" / "enrolment.request").read_bytes()
    said = run(
        "town", "certify", "--request", request_text(request), "--code", f"2={code_of(request)}", *enrolled.secret
    )
    assert "登録できました" in run(*box_words(enrolled.folder, enrolled.stick, 2), "--certificate", said.strip())
    assert "こわれている" in enrolled.refused(*enrolled.box, "--certificate", "MADOGUCHI-CERTIFICATE:A")
