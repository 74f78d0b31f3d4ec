"""What can go wrong with a card by which staff sign in, as words a caller can act on; no card can be told from them."""

from appliance.desk.card_errors import CardNotFit
from appliance.desk.errors import Conflict, SignInRefused
from appliance.desk.facts.staff import StaffMember


class PinNeeded(SignInRefused):
    """The card says whose turn it is; the PIN is needed too."""

    code = "pin_needed"
    ja = "暗証番号も 入れてください。"
    en = "The PIN is needed too."

    def __init__(self, member: StaffMember) -> None:
        """`member`: whose card it is."""
        super().__init__()
        self.member = member


class UnknownCard(SignInRefused):
    """Nobody on the roster signs in by this card."""

    code = "unknown_card"
    ja = "このカードは 登録されていません。名前を えらんで、暗証番号で はじめてください。"
    en = "Nobody signs in by this card; choose a name and type the PIN."


class NoCardThere(Conflict):
    """No card lies on the reader."""

    code = "no_card"
    ja = "カードが ありません。読み取り装置に カードを 置いたまま、もう一度 どうぞ。"
    en = "No card lies on the reader."


class CardNotForStaff(CardNotFit):
    """A My Number card, a telephone, or a card that calls itself otherwise tomorrow."""

    code = "card_not_for_staff"
    ja = (
        "このカードでは はじめられません。マイナンバーカードと スマホは 使えません。"
        "べつの カードか、暗証番号で どうぞ。"
    )
    en = "Nobody signs in by this sort of card; use another one, or the PIN."


class CardLiesThere(Conflict):
    """This card has been lying there since it was used, or since somebody left: that is no tap."""

    code = "card_lies_there"
    ja = "カードが 置いたままです。一度 はなして、もう一度 置いてください。"
    en = "This card was left lying; lift it and put it down again."


class CardTaken(Conflict):
    """Another person signs in by this card."""

    code = "card_taken"
    ja = "このカードは もう 使われています。べつの カードで どうぞ。"
    en = "This card is taken; use another one."


class TapsOff(Conflict):
    """At this box nobody signs in by a card."""

    code = "taps_off"
    ja = "この箱では、カードで はじめられません。暗証番号で はじめてください。"
    en = "At this box nobody signs in by a card."


class OwnScreenOnly(TapsOff):
    """A card signs in whoever stands at the box, and nobody at another screen."""

    code = "own_screen_only"
    ja = "カードは、箱の画面でだけ 使えます。ここでは 暗証番号で どうぞ。"
    en = "Cards are used at the box's own screen only; use the PIN here."


class PatronsHaveCards(TapsOff):
    """In a library, where a card of staff cannot be told from one of a patron."""

    ja = (
        "図書館の箱では、カードで はじめられません。利用者カードと 見分けられないため、どのカードにも たずねません。"
        "暗証番号で はじめてください。"
    )
    en = "In a library no card is asked who it is, because it might be a patron's; use the PIN."
