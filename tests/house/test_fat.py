"""A real FAT stick goes box, office, box through the commands of the shipped unit, and is pulled out at every write.

`photograph`: a copy of the image while it is mounted holds what has reached the stick, and nothing the kernel still
keeps in its memory: it is the stick as somebody has it in the hand who pulled it out then.
"""

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from sync.bundle import Bundle, StickNotReached
from sync.file_system import file_system_of
from sync.files import write_new, write_over
from tests.house import fat
from tests.house.running import MADOGUCHI
from tests.house.test_stick import EACH, StickDesk, Town
from tests.pulled import PulledOut, Torn
from tests.sync.test_carrying import STEPS, Walk, all_is_well

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

T = TypeVar("T")

here = pytest.mark.skipif(bool(fat.why_not()), reason=fat.why_not())


@pytest.mark.skipif(fat.knows_fat() or fat.INSIDE in os.environ, reason="this kernel knows FAT itself")
@pytest.mark.skipif(bool(fat.why_not_borrowed()), reason=fat.why_not_borrowed())
def test_under_a_kernel_that_knows_fat_everything_below_holds(tmp_path: Path) -> None:
    status, said = fat.borrowed(Path(__file__), tmp_path)
    print(said)
    assert status == 0, said
    assert "failed" not in said
    assert "passed" in said


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return fat.formatted(tmp_path / "stick.img")


# ---------------------------------------------------------------------------------------------------- there and back


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    (tmp_path / "town").mkdir()
    town = Town(tmp_path / "town")
    yield town
    town.close()


def plug_in(desk: StickDesk, stick: Path) -> list[int]:
    """What the unit runs while the stick is in, with this desk's configuration; how each of it ended."""
    statuses = []
    for line in fat.unit_lines("ExecStart"):
        words = shlex.split(line.replace("/run/madoguchi-stick/%i", str(stick)))
        assert (words[0], words[3]) == ("/opt/madoguchi/current/bin/madoguchi", "/etc/madoguchi/madoguchi.toml")
        words[3] = str(desk.config)
        done = subprocess.run([*MADOGUCHI, *words[1:]], capture_output=True, timeout=120, check=False)
        statuses.append(done.returncode)
    return statuses


@here
def test_a_fat_stick_goes_from_two_boxes_to_the_office_and_back(town: Town, image: Path, tmp_path: Path) -> None:
    place = tmp_path / "in"
    town.stick = place
    town.open_desks()
    with fat.mounted(image, place):
        town.register_stick()
    for desk in town.desks:
        desk.serve_visitors()
        with fat.mounted(image, place):
            assert plug_in(desk, place) == [0, 0]
        assert fat.is_sound(image)
    with fat.mounted(image, place):
        assert town.pull()["boxes"] == 2
        town.push()
    assert fat.is_sound(image)
    for desk in town.desks:
        with fat.mounted(image, place):
            assert plug_in(desk, place) == [0, 0]
        (counted,) = desk.rows("SELECT COUNT(*), COUNT(receipted_by), COUNT(opened_in) FROM record")
        assert counted[0] == counted[1] == counted[2] >= EACH
    with fat.mounted(image, place):
        told = (place / "RESULT.txt").read_bytes().decode("utf-8-sig")
        assert file_system_of(place) == "vfat"
        assert place.stat().st_mode & 0o777 == 0o700
    assert told.count("役場からの 受領証") == 4
    assert told.count("媒体管理簿に 書くこと: ") == 8
    assert fat.is_sound(image)


@here
def test_a_stick_that_takes_nothing_more_says_so_and_costs_nothing(town: Town, image: Path, tmp_path: Path) -> None:
    place = tmp_path / "in"
    town.stick = place
    town.open_desks()
    desk = town.desks[0]
    desk.serve_visitors()
    with fat.mounted(image, place):
        town.register_stick()
        with pytest.raises(OSError, match="No space left"), (place / "holiday.jpg").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(65536))
        assert plug_in(desk, place) == [0, 75]
        (place / "holiday.jpg").unlink()
        assert plug_in(desk, place) == [0, 0]


@here
def test_half_a_stick_is_no_stick_and_costs_nothing(town: Town, image: Path, tmp_path: Path) -> None:
    place = tmp_path / "in"
    town.stick = place
    town.open_desks()
    desk = town.desks[0]
    desk.serve_visitors()
    with fat.mounted(image, place):
        town.register_stick()
        assert plug_in(desk, place) == [0, 0]
    size = image.stat().st_size
    for left in (size // 2, size // 64, 512, 0):
        half = shutil.copy(image, tmp_path / "half.img")
        os.truncate(half, left)
        try:
            with fat.mounted(Path(half), place):
                assert set(plug_in(desk, place)) <= {0, 1, 75}
        except AssertionError as error:
            assert "mount" in str(error) or "losetup" in str(error)  # noqa: PT017 # what the unit would say
    (waiting,) = desk.rows("SELECT COUNT(*) FROM record WHERE receipted_by IS NULL")
    assert waiting[0] >= EACH
    with fat.mounted(image, place):
        assert town.pull()["records"] == waiting[0]


# -------------------------------------------------------------------------------------------------------------- names


@here
def test_long_names_short_names_and_capitals_are_the_same_place(image: Path, tmp_path: Path) -> None:
    with fat.mounted(image, tmp_path / "in") as place:
        (place / "MADOGUCHI").mkdir()
        bundle = Bundle(place)
        bundle.put_id(b"who it is")
        assert bundle.id() == b"who it is"
        assert [path.name for path in place.iterdir()] == ["MADOGUCHI"]
        write_over(place / "a-name-that-is-longer-than-eight-and-three.batch", b"1")
        write_over(place / "a-name-that-is-longer-than-eight-and-three.batch", b"2")
        write_new(place / "Kit.Toml", b"3")
        with pytest.raises(FileExistsError):
            write_new(place / "KIT.TOML", b"4")
    with fat.mounted(image, tmp_path / "in") as place:
        assert (place / "a-name-that-is-longer-than-eight-and-three.batch").read_bytes() == b"2"
        assert (place / "kit.toml").read_bytes() == b"3"
        assert Bundle(place).id() == b"who it is"


# ---------------------------------------------------------------------------------------------------------- pulled out


class Photographed(PulledOut):
    """Copies the image at the moment at which the stick is pulled out."""

    def __init__(self, stick: Path, patch: pytest.MonkeyPatch, *, image: Path, at: int, torn: Torn) -> None:
        super().__init__(stick, patch, at=at, torn=torn)
        self._image = image
        self.photograph: bytes | None = None

    def _step(self, name: str, do: Callable[[], Any], *, half: Callable[[], Any] = lambda: None) -> Any:
        try:
            return super()._step(name, do, half=half)
        finally:
            if self.is_out and self.photograph is None:
                self.photograph = self._image.read_bytes()


def walked_to(step: int, folder: Path, blank: Path) -> tuple[Walk, Path]:
    """A town and a box, and the image of the stick on which everything before that step was done."""
    folder.mkdir()
    image, walk = Path(shutil.copy(blank, folder / "stick.img")), Walk(folder / "walk")
    walk.box.put(3)
    with fat.mounted(image, folder / "in") as place:
        shutil.copytree(walk.stick, place, dirs_exist_ok=True)
        walk.stick = place
        for earlier in walk.steps[:step]:
            earlier()
    return walk, image


def writes_of(folder: Path, step: int, blank: Path) -> int:
    walk, image = walked_to(step, folder, blank)
    with fat.mounted(image, walk.stick), pytest.MonkeyPatch.context() as patch:
        watched = PulledOut(walk.stick, patch)
        walk.steps[step]()
    walk.close()
    return len(watched.names)


def sampled(everything: Iterable[T]) -> list[T]:
    """The first alone under the borrowed kernel, where everything takes ten times as long."""
    return list(everything)[: 1 if fat.INSIDE in os.environ else None]


@here
@pytest.mark.parametrize("torn", sampled(Torn))
@pytest.mark.parametrize("name", sampled(STEPS))
def test_what_was_on_the_stick_when_it_was_pulled_out_is_enough(
    tmp_path: Path, image: Path, name: str, torn: Torn
) -> None:
    step = STEPS[name]
    count = writes_of(tmp_path / "watched", step, image)
    assert count >= 2
    for at in range(1, count + 1):
        walk, pulled_out = walked_to(step, tmp_path / f"{at}", image)
        with fat.mounted(pulled_out, walk.stick), pytest.MonkeyPatch.context() as patch:
            pulled = Photographed(walk.stick, patch, image=pulled_out, at=at, torn=torn)
            with pytest.raises(StickNotReached):
                walk.steps[step]()
        assert pulled.photograph is not None
        pulled_out.write_bytes(pulled.photograph)
        with fat.mounted(pulled_out, walk.stick):
            for later in (*walk.steps[step:], *walk.steps):
                later()
            all_is_well(walk, [kept.body for kept in walk.box.outbox.kept])
        walk.close()
