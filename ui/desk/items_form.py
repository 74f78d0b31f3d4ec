"""What somebody types of a card: looked at here, so that a slip of the finger costs no try."""

import re

from werkzeug.datastructures import MultiDict

from appliance.desk.errors import Invalid
from appliance.desk.facts.roster import typed_pin

_BORN = re.compile(r"[0-9]{2}(0[0-9]|1[0-2])([0-2][0-9]|3[01])")
"""As printed: the year of an era, or the last digits of another; month and day may be unknown."""
_EXPIRES = re.compile(r"20[0-9]{2}")
_CODE = re.compile(r"[0-9]{4}")
_PIN = re.compile(r"[0-9]{4}")
_FACE = (("born", _BORN), ("expires", _EXPIRES), ("security_code", _CODE))


def typed_number_b(form: MultiDict[str, str]) -> str:
    """照合番号B as three fields of a form hold it; `Invalid` names the first that cannot be right."""
    return "".join(_whole(form, field, of) for field, of in _FACE)


def typed_card_pin(form: MultiDict[str, str]) -> str:
    """The PIN of a card; `Invalid` for what can be none."""
    return _whole(form, "card_pin", _PIN)


def _whole(form: MultiDict[str, str], field: str, of: re.Pattern[str]) -> str:
    digits = typed_pin(form.get(field, ""))
    if of.fullmatch(digits) is None:
        raise Invalid(field, "has another form")
    return digits
