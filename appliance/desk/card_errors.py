"""What can go wrong with a card, as words a caller can act on; none of them holds anything a card or person said."""

from appliance.desk.errors import Conflict, DeviceError, MadoguchiError, NotAllowed, NotFound


class CardGone(Conflict):
    """The card that was meant has been lifted, even if another lies there now."""

    code = "card_gone"
    ja = "カードが 離れました。もう一度 カードを 置いて、はじめから どうぞ。"
    en = "That card has been lifted; put it down and begin again."


class CardBusy(Conflict):
    """The reader is at work, for us or for another program."""

    code = "card_busy"
    ja = "カードの読み取り装置が べつの仕事を しています。少し待って もう一度 どうぞ。"
    en = "The reader is busy; try again shortly."


class CardNotFit(Conflict):
    """This sort of card cannot give what was asked of it."""

    code = "card_not_fit"
    ja = "このカードでは できません。べつのカードで ためすか、係の人に 聞いてください。"
    en = "This sort of card cannot do that."


class CardUnreadable(DeviceError):
    """The card answered something that no such card answers."""

    code = "card_unreadable"
    ja = "カードを 読めませんでした。カードを 一度 離して、もう一度 置いてください。相談の記録は つづけられます。"
    en = "The card could not be read; lift it and put it down again."


class ReaderUnusable(DeviceError):
    """There is no working reader now."""

    code = "reader_unusable"
    ja = "カードの読み取り装置が 使えません。相談の記録は つづけられます。館の職員に 知らせてください。"
    en = "There is no working card reader; recording goes on."


class CardPinRefused(MadoguchiError):
    """The four items stay closed."""

    code = "card_pin_refused"
    ja = "カードを ひらけませんでした。"
    en = "The card was not opened."


class CardPinWrong(CardPinRefused):
    """What was typed does not fit the card, which has counted it."""

    code = "card_pin_wrong"
    ja = "番号が ちがいます。つづけて まちがえると カードが 止まります。わからないときは ここで やめてください。"
    en = "The number does not fit this card."

    def __init__(self, *, left: int) -> None:
        """`left` as the card says."""
        super().__init__(f"{left} tries left")
        self.left = left


class CardLastTry(CardPinRefused):
    """One try is left, and nobody has said that it may be used; the card was not asked."""

    code = "card_last_try"
    ja = "あと 1回 まちがえると カードが 止まり、役場で なおすことに なります。たしかなときだけ つづけてください。"
    en = "One try is left; nothing was sent to the card."


class CardPinLocked(CardPinRefused):
    """No try is left; only the town hall can help."""

    code = "card_pin_locked"
    ja = "この番号は まちがいが つづいたため 止まっています。役場の窓口で なおせます。"
    en = "This number is locked; the town hall can reset it."
    left = 0


class CardPinOutcomeUnknown(CardPinRefused):
    """The card was lifted or fell silent just then: it may have counted a try."""

    code = "card_pin_outcome_unknown"
    ja = (
        "とちゅうで カードが 離れました。一回 まちがえたことに なったかもしれません。"
        "もう一度 置くと、のこりの回数が わかります。"
    )
    en = "The card was lifted meanwhile; it may have counted a try. The next check shows."


class CardNotAsked(Conflict):
    """Nobody has said at this browser that the card lying there may be read, or it was said of an earlier one."""

    code = "card_not_asked"
    ja = "カードが 離れたか、時間が たちました。ご本人に もう一度 聞いてから、はじめから どうぞ。"
    en = "Nobody has said at this browser that the card may be read."


class CardPinOnlyAtTheBox(NotAllowed):
    """A card's PIN is typed on the box's own screen and nowhere else; what was sent was not looked at."""

    code = "card_pin_only_at_the_box"
    ja = "カードの暗証番号は 箱の画面でだけ 入れられます。この端末では カードの表の 番号を 使ってください。"
    en = "The PIN of a card is typed on the box's own screen only."


class CardsSwitchedOff(NotFound):
    """The town has decided that this box reads no cards."""

    code = "cards_switched_off"
    ja = "この箱では カードを 読まないことに なっています。ほかのことは いつもどおり 使えます。"
    en = "This box reads no cards."
