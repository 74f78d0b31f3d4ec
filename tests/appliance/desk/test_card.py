"""What was typed or read of a card shows itself to nobody, and a wrong form costs no try."""

import pickle
import traceback

import pytest

from appliance.desk import card_errors
from appliance.desk.errors import Invalid, MadoguchiError
from appliance.desk.facts.card import FourItems, ItemsKey, ItemsSecret


@pytest.mark.parametrize("digits", ["", "123", "12345", "12a4", "１２３４", "1234\n", " 1234", "²²²²"])
def test_a_pin_is_four_digits_and_its_refusal_does_not_repeat_it(digits: str) -> None:
    with pytest.raises(Invalid) as refused:
        ItemsKey.pin(digits)
    assert refused.value.field == "pin"
    assert not digits or digits not in str(refused.value)


@pytest.mark.parametrize(
    ("born", "expires", "code"),
    [("19480215", "2029", "7391"), ("480215", "29", "7391"), ("48021", "20297", "391"), ("48021x", "2029", "7391")],
)
def test_number_b_has_three_parts(born: str, expires: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        ItemsKey.number_b(born=born, expires=expires, code=code)
    assert born not in "".join(traceback.format_exception(refused.value))


def test_number_b_is_put_together_in_the_order_of_the_card() -> None:
    key = ItemsKey.number_b(born="480215", expires="2029", code="7391")
    assert (key.secret, key.digits) == (ItemsSecret.NUMBER_B, "48021520297391")


def test_neither_key_nor_items_show_what_they_hold() -> None:
    key = ItemsKey.pin("2468")
    items = FourItems(name="番号 花子", address="見本町", born="19480215", sex="2")
    shown = f"{key} {key!r} {items} {items!r} {[items]} {(key,)}"
    assert [secret for secret in ("2468", "花子", "見本", "1948") if secret in shown] == []


def test_neither_can_be_written_away() -> None:
    for secret in (ItemsKey.pin("2468"), FourItems(name="n", address="a", born="19480215", sex="2")):
        with pytest.raises(TypeError):
            pickle.dumps(secret)


def test_every_refusal_tells_people_what_to_do() -> None:
    kinds = [kind for kind in vars(card_errors).values() if isinstance(kind, type) and issubclass(kind, MadoguchiError)]
    own = [kind for kind in kinds if kind.__module__ == card_errors.__name__]
    assert len({kind.code for kind in own}) == len(own) == 13
    assert all(kind.ja.endswith("。") for kind in own)
