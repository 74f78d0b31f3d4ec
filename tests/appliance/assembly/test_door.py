"""Who may come to the courier door, seen from inside a user namespace."""

import pytest

from appliance.assembly.door import seen_from_here

EVERYBODY = "         0          0 4294967295\n"
PRIVATE = "         0          0          1\n       995        995          1\n"
"""As `PrivateUsers=yes` makes it: root and the desk, nobody else."""
SHIFTED = "0 100000 65536\n"


@pytest.mark.parametrize(
    ("uid", "uid_map", "seen"),
    [
        (994, EVERYBODY, 994),
        (995, PRIVATE, 995),
        (994, PRIVATE, 65534),
        (100994, SHIFTED, 994),
        (994, SHIFTED, 65534),
        (165536, SHIFTED, 65534),
    ],
)
def test_a_user_is_recognised_as_the_kernel_names_it_here(uid: int, uid_map: str, seen: int) -> None:
    assert seen_from_here(uid, uid_map=uid_map, stranger=65534) == seen
