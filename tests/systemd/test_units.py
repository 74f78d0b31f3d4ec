"""The units, read by systemd's own tools: one that a tool has anything to say about would surprise somebody on site."""

import json
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from appliance.assembly.first_box import STICK
from provisioning.units import ROLES, SHARE, lay_out

HOUSE = Path(__file__).parents[2]
SYSTEMD = HOUSE / "systemd"
UNITS = sorted((SYSTEMD / "system").iterdir())
BINARIES = (
    *("usr/bin/cage", "usr/bin/mkdir", "usr/bin/mount", "usr/bin/umount", "usr/sbin/nginx", "usr/sbin/dnsmasq"),
    "opt/madoguchi/current/bin/madoguchi",
)
SCORES = {
    "madoguchi.service": 13,
    "madoguchi-sync.service": 11,
    "madoguchi-tls.service": 13,
    "madoguchi-office.service": 11,
    "madoguchi-receiver.service": 11,
    "madoguchi-stick@.service": 11,
    "madoguchi-hall.service": 15,
    "madoguchi-network.service": 16,
}
"""In tenths, inclusive."""
PLACEHOLDERS = {"@NAMES@": "madoguchi.local 192.168.50.1", "@PORT@": "8080"}


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed (make setup-tests)")


def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd=cwd)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root that holds our files and stands-in for the programs they start."""
    lay_out(SYSTEMD, tmp_path, tmp_path / "opt/madoguchi/current")
    for binary in BINARIES:
        program = tmp_path / binary
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return tmp_path


def verified(root: Path) -> subprocess.CompletedProcess[str]:
    """All units together, beside the ones that this machine's systemd brings."""
    units = root / "usr/lib/systemd/system"
    shutil.copytree(
        "/usr/lib/systemd/system",
        units,
        symlinks=True,
        dirs_exist_ok=True,
        ignore=lambda folder, names: [
            name for name in names if (units / name).exists() and folder == "/usr/lib/systemd/system"
        ],
    )
    return run(
        "systemd-analyze", "verify", "--man=no", f"--root={root}", *(f"./{one.name}" for one in UNITS), cwd=units
    )


@needs("systemd-analyze")
def test_systemd_has_nothing_to_say_about_any_unit(root: Path) -> None:
    done = verified(root)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs("systemd-analyze")
def test_a_key_that_nobody_knows_would_be_noticed(root: Path) -> None:
    """The tool ends with 0 all the same, which is why its words are looked at."""
    unit = root / "usr/lib/systemd/system/madoguchi.service"
    unit.write_text(unit.read_text().replace("Restart=always", "Restrt=always"))
    assert "Restrt" in verified(root).stderr


@needs("systemd-analyze")
@pytest.mark.parametrize(("unit", "tenths"), SCORES.items())
def test_a_unit_is_as_closed_as_was_promised(unit: str, tenths: int) -> None:
    done = run(
        "systemd-analyze", "security", "--offline=true", f"--threshold={tenths}", f"./{unit}", cwd=SYSTEMD / "system"
    )
    assert done.returncode == 0, done.stdout[-200:]


@needs("systemd-sysusers")
@needs("systemd-tmpfiles")
def test_users_and_folders_are_made_in_an_empty_root(root: Path) -> None:
    (root / "etc").mkdir(exist_ok=True)
    for tool, *words in (("systemd-sysusers",), ("systemd-tmpfiles", "--create")):
        done = run(tool, f"--root={root}", *words)
        assert done.returncode == 0, done.stderr
    users = {line.split(":")[0] for line in (root / "etc/passwd").read_text().splitlines()}
    assert {value for unit in UNITS for value in settings(unit).get("User", [])} <= users
    groups = dict(line.split(":")[::3] for line in (root / "etc/group").read_text().splitlines())
    assert groups["gpio"] == "madoguchi"
    assert groups["madoguchi-sync"] == "", "whoever is in this group comes to the courier door"
    assert (root / "etc/madoguchi").stat().st_mode & 0o777 == 0o755
    assert (root / "etc/madoguchi/tls").stat().st_mode & 0o777 == 0o700


def settings(unit: Path) -> dict[str, list[str]]:
    """Every setting of a unit; configparser knows no key that is there twice."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text(encoding="utf-8").replace("\\\n", "").splitlines():
        key, equals, value = line.partition("=")
        if equals and key.isalnum():
            found.setdefault(key, []).append(value)
    return found


@needs("nginx")
@needs("openssl")
def test_nginx_understands_the_template(tmp_path: Path) -> None:
    text = (SYSTEMD / "nginx/madoguchi-tls.conf.in").read_text(encoding="utf-8")
    for placeholder, value in {
        **PLACEHOLDERS,
        "/run/credentials/madoguchi-tls.service": str(tmp_path),
        "/run/madoguchi-tls": str(tmp_path),
    }.items():
        assert placeholder in text
        text = text.replace(placeholder, value)
    assert "@" not in text
    (tmp_path / "tls.conf").write_text(text, encoding="utf-8")
    key = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-keyout",
        "key",
        "-out",
        "certificate",
    ]
    assert run("openssl", "req", "-x509", "-subj", "/CN=madoguchi.local", *key, cwd=tmp_path).returncode == 0
    done = run("nginx", "-t", "-q", "-e", "stderr", "-c", str(tmp_path / "tls.conf"))
    assert (done.returncode, done.stderr) == (0, "")


@needs("sh")
def test_the_fault_script_writes_a_code_that_can_be_read_out(tmp_path: Path) -> None:
    (tmp_path / "systemctl").write_text(
        "#!/bin/sh\ncase $3 in --property=Result) echo watchdog ;; *) echo failed ;; esac\n"
    )
    (tmp_path / "journalctl").write_text("#!/bin/sh\necho the last warnings\n")
    (tmp_path / "systemd-run").write_text('#!/bin/sh\necho "$@" >"$STATE_DIRECTORY/again"\n')
    for tool in ("systemctl", "journalctl", "systemd-run"):
        (tmp_path / tool).chmod(0o755)
    (tmp_path / "console").touch()
    environment = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "STATE_DIRECTORY": str(tmp_path),
        "MADOGUCHI_CONSOLE": str(tmp_path / "console"),
    }
    script = SYSTEMD / "libexec/madoguchi-fault"
    subprocess.run([script, "madoguchi"], env=environment, check=True)
    note = (tmp_path / "madoguchi.txt").read_text(encoding="utf-8")
    assert "fault code: M3" in note
    assert "the last warnings" in note
    assert "FAULT CODE   M3" in (tmp_path / "console").read_text()
    assert "--on-active=5min" in (tmp_path / "again").read_text()


def test_every_file_has_its_line_in_the_readme() -> None:
    readme = (SYSTEMD / "README.md").read_text(encoding="utf-8")
    files = [file for file in SYSTEMD.rglob("*") if file.is_file() and file.name != "README.md"]
    assert [str(file.relative_to(SYSTEMD)) for file in files if f"`{file.relative_to(SYSTEMD)}`" not in readme] == []


def test_what_is_in_memory_never_reaches_a_disk() -> None:
    """A core or a swapped page would hold what a visitor said, or a key; 0 stops no core that goes to a program."""
    for unit in UNITS:
        if unit.suffix == ".service":
            assert settings(unit)["LimitCORE"] == ["1"], unit.name
    for name in ("madoguchi.service", "madoguchi-tls.service", "madoguchi-office.service", "madoguchi-kiosk.service"):
        assert settings(SYSTEMD / "system" / name)["MemorySwapMax"] == ["0"], name


def test_the_door_is_where_the_configuration_of_a_box_says() -> None:
    socket = settings(SYSTEMD / "system/madoguchi-courier.socket")
    assert (socket["SocketGroup"], socket["SocketMode"]) == (["madoguchi-sync"], ["0660"])
    example = (SYSTEMD / "README.md").read_text(encoding="utf-8").split("```toml")[1].split("```")[0]
    courier = tomllib.loads(example)["courier"]
    assert socket["ListenStream"] == [courier["socket"]]
    assert settings(SYSTEMD / "system/madoguchi-sync.service")["User"] == [courier["user"]]


def test_the_desk_may_write_where_the_offices_stick_is_put_in() -> None:
    mount, desk = (settings(SYSTEMD / "system" / unit) for unit in ("media-madoguchi.mount", "madoguchi.service"))
    assert mount["Where"] == [str(STICK)]
    assert desk["ReadWritePaths"] == [f"-{STICK}"]
    assert {f"uid={desk['User'][0]}", "nosuid", "nodev", "noexec"} <= set(mount["Options"][0].split(","))
    assert f"d {STICK} " in " ".join((SYSTEMD / "tmpfiles.d/madoguchi.conf").read_text(encoding="utf-8").split())
    assert 'SYSTEMD_WANTS}+="media-madoguchi.mount"' in (SYSTEMD / "udev/60-madoguchi.rules").read_text()
    label = mount["What"][0].removeprefix("/dev/disk/by-label/")
    assert f'=="{label}"' in (SYSTEMD / "udev/60-madoguchi.rules").read_text()
    assert len(label) <= 11, "FAT has no longer labels"


@needs("sh")
def test_only_a_usb_button_that_the_configuration_names_opens_to_the_desk(tmp_path: Path) -> None:
    settings_file = tmp_path / "madoguchi.toml"
    script = SYSTEMD / "libexec/madoguchi-usb-button"
    pedal, keyboard = "input/by-id/usb-PCsensor_FootSwitch-event-kbd", "input/by-id/usb-Other_Keyboard-event-kbd"

    def opens(*links: str) -> bool:
        environment = {"PATH": "/usr/bin:/bin", "MADOGUCHI_CONFIG": str(settings_file)}
        return subprocess.run([script, *links], env=environment, check=False).returncode == 0

    assert not opens(pedal), "before there is a configuration"
    settings_file.write_text(f'[devices]\nhid_buttons = {{"2" = "/dev/{pedal}"}}\n  # {{"3" = "/dev/{keyboard}"}}\n')
    assert opens("input/by-path/platform-3f980000.usb-event-kbd", pedal)
    assert not opens(keyboard)
    assert not opens()
    assert not opens(pedal.replace("FootSwitch", "FootSwitc.")), "a name is no pattern"
    assert not opens(pedal.removesuffix("-kbd"))


def test_the_desk_reads_input_devices_but_is_in_no_group_that_opens_every_keyboard() -> None:
    desk = settings(SYSTEMD / "system/madoguchi.service")
    assert set(desk["DeviceAllow"]) == {"char-gpiochip rw", "char-alsa rw", "char-input r"}
    assert desk["SupplementaryGroups"] == ["gpio audio"]
    rule = (SYSTEMD / "udev/61-madoguchi-buttons.rules").read_text(encoding="utf-8")
    assert f'GROUP:="{desk["User"][0]}"' in rule
    assert f"/opt/madoguchi/current/{SHARE}/libexec/madoguchi-usb-button" in rule


def test_every_role_enables_units_that_are_there_and_can_be_enabled() -> None:
    for units in ROLES.values():
        for unit in units:
            assert "WantedBy" in settings(SYSTEMD / "system" / unit), unit


def test_the_browser_may_open_the_desk_and_nothing_else() -> None:
    policy = json.loads((SYSTEMD / "chromium/madoguchi.json").read_text())
    assert policy["URLBlocklist"] == ["*"]
    assert policy["URLAllowlist"] == ["http://127.0.0.1:8080"]


def test_every_file_goes_to_its_place_and_is_named_for_whoever_removes_it(tmp_path: Path) -> None:
    product = tmp_path / "opt/madoguchi/1"
    written = lay_out(SYSTEMD, tmp_path, product)
    assert {file for file in tmp_path.rglob("*") if file.is_file()} == set(written)
    assert tmp_path / "usr/lib/udev/rules.d/60-madoguchi.rules" in written
    script = product / SHARE / "libexec/madoguchi-fault"
    assert script.stat().st_mode & 0o111
