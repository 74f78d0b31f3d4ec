import os
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.file_system import file_system_of
from sync.result_file import RESULT_NAME, add_result


def told(folder: Path) -> str:
    return (folder / RESULT_NAME).read_bytes().decode("utf-8-sig")


def test_what_happens_is_written_below_what_happened_before_for_any_computer(tmp_path: Path) -> None:
    add_result(tmp_path, "箱 7番", "登録しました。\n番号 7")
    add_result(tmp_path, "箱 8番", "断りました。")
    assert (tmp_path / RESULT_NAME).read_bytes().startswith(b"\xef\xbb\xbf")
    assert told(tmp_path) == "■ 箱 7番\r\n登録しました。\r\n番号 7\r\n\r\n■ 箱 8番\r\n断りました。\r\n"


def test_the_oldest_goes_where_it_gets_long(tmp_path: Path) -> None:
    for number in range(40):
        add_result(tmp_path, f"{number}", "あ" * 1000)
    assert len(told(tmp_path).encode()) <= 70_000
    assert told(tmp_path).startswith("■ 19\r\n")
    assert "■ 39\r\n" in told(tmp_path)


@given(before=st.binary(max_size=300))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_somebody_has_written_there_stops_nothing(tmp_path: Path, before: bytes) -> None:
    (tmp_path / RESULT_NAME).write_bytes(before)
    add_result(tmp_path, "箱", "よい")
    assert told(tmp_path).endswith("■ 箱\r\nよい\r\n")


def test_what_a_link_leads_to_is_neither_told_nor_written_over(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of the box", encoding="utf-8")
    for make in (lambda path: path.symlink_to(secret), os.mkfifo):
        stick = tmp_path / os.urandom(4).hex()
        stick.mkdir()
        make(stick / RESULT_NAME)
        add_result(stick, "箱", "よい")
        assert told(stick) == "■ 箱\r\nよい\r\n"
    assert secret.read_text(encoding="utf-8") == "of the box"


MOUNTS = """21 1 8:1 / / rw - ext4 /dev/sda1 rw
36 21 {device} / /media/my\\040stick rw,nosuid shared:7 - exfat /dev/sdb1 rw
"""


def test_the_kernel_tells_which_file_system_a_folder_is_on(tmp_path: Path) -> None:
    device = tmp_path.stat().st_dev
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS.format(device=f"{device >> 8}:{device & 0xFF}"), encoding="utf-8")
    assert file_system_of(tmp_path, mounts=mounts) == "exfat"
    mounts.write_text("", encoding="utf-8")
    assert file_system_of(tmp_path, mounts=mounts) == file_system_of(tmp_path, mounts=tmp_path / "none") == ""
    assert file_system_of(Path("/proc")) == "proc"
