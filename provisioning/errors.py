"""What can go wrong between a bare box and an enrolled desk, as words a caller can act on."""

from typing import ClassVar

from appliance.desk.errors import MadoguchiError


class ProvisioningError(MadoguchiError):
    """The root; `fault` is what somebody reads out on the telephone."""

    code = "provisioning_error"
    fault: ClassVar[str] = "K00"
    ja = "準備が うまく いきませんでした。もう一度 ためしてください。"
    en = "The preparation failed. Please try again."


class KitMissing(ProvisioningError):
    """There is no kit where one was looked for."""

    code = "kit_missing"
    fault = "K01"
    ja = "キット（site.kit）が 見つかりません。キットの入った USBメモリーを さしなおしてください。"
    en = "There is no kit (site.kit) here; put the stick with the kit in again."


class KitRefused(ProvisioningError):
    """The kit was changed, cut short, or never was a kit."""

    code = "kit_refused"
    fault = "K02"
    ja = "このキットは 途中で 切れたか、書きかわっています。何も 使っていません。役場から 受けとりなおしてください。"
    en = "This kit is damaged or was changed; nothing of it was used. Get it from the town office again."


class KitTooNew(ProvisioningError):
    """A kit made by a newer program."""

    code = "kit_too_new"
    fault = "K03"
    ja = "新しい形の キットです。この箱の プログラムを 先に 新しくしてください。"
    en = "The kit was made by a newer program; update this box first."


class OtherTown(ProvisioningError):
    """A kit, request or certificate of another municipality."""

    code = "other_town"
    fault = "K04"
    ja = "ほかの自治体の ものです。USBメモリーを 取りちがえていないか 確かめてください。"
    en = "It belongs to another municipality; is it the right stick?"


class UnknownFacility(ProvisioningError):
    """The kit has no such facility, or several and none was named."""

    code = "unknown_facility"
    fault = "K05"
    ja = "その施設は キットに ありません。キットにある 施設の id を 指定してください。"
    en = "The kit has no such facility; name one of those it has."


class SelfTestFailed(ProvisioningError):
    """The box is not fit to be enrolled; the detail names what failed."""

    code = "self_test_failed"
    fault = "K06"
    ja = "箱の 自己点検で まずいところが ありました。登録の願いは 出していません。"
    en = "The box failed its own test, so it asks for no enrolment."


class CannotWrite(ProvisioningError):
    """A folder or stick takes nothing."""

    code = "cannot_write"
    fault = "K07"
    ja = "書きこめません。USBメモリーの 書きこみ禁止と 空きを 確かめてください。"
    en = "It cannot be written to; is the stick write-protected or full?"


class NotPrepared(ProvisioningError):
    """The box has taken no kit yet."""

    code = "not_prepared"
    fault = "K08"
    ja = "この箱は まだ キットを 読んでいません。キットの入った USBメモリーを さして、もう一度 どうぞ。"
    en = "This box has taken no kit yet; bring the stick with the kit."


class RequestRefused(ProvisioningError):
    """A request for enrolment that no box of ours wrote, or that was changed on the way."""

    code = "request_refused"
    fault = "K20"
    ja = "登録の願いが こわれているか、書きかわっています。箱で もう一度 作ってください。"
    en = "The request is damaged or was changed; let the box write it again."


class OtherKit(ProvisioningError):
    """A request made under a kit that this town did not make."""

    code = "other_kit"
    fault = "K21"
    ja = (
        "この町が 作っていない キットで 準備された箱です。登録していません。"
        "USBメモリーが すりかわっていないか 確かめ、箱を はじめから 準備しなおしてください。"
    )
    en = "The box was prepared with a kit that this town did not make. Was the stick swapped? Prepare the box afresh."


class WrongCode(ProvisioningError):
    """The code on the box's screen is not that of the request."""

    code = "wrong_code"
    fault = "K22"
    ja = (
        "箱の画面の 符号と、この願いの 符号が ちがいます。登録していません。"
        "読みまちがいでなければ、USBメモリーの中身が すりかわっています。"
    )
    en = "The code on the box's screen is not that of this request; unless it was misread, the stick was tampered with."


class NumberTaken(ProvisioningError):
    """Another box has, or had, that number; numbers are never used again."""

    code = "number_taken"
    fault = "K23"
    ja = "その番号は ほかの箱が 使っています（やめた箱の番号も 使いません）。箱で 別の番号を 指定してください。"
    en = "Another box has or had that number; give this box another one."


class DeviceHasLeft(ProvisioningError):
    """The box was retired or reported stolen."""

    code = "device_has_left"
    fault = "K24"
    ja = "この箱は 使うのをやめたか、盗まれたと 届けられた箱です。登録できません。鍵を 作りなおす 準備が いります。"
    en = "This box was retired or reported stolen; it has to be prepared afresh, with new keys."


class CertificateRefused(ProvisioningError):
    """A certificate that this town's office did not sign."""

    code = "certificate_refused"
    fault = "K30"
    ja = "登録の証明が こわれているか、この町の役場が 出したものでは ありません。使っていません。"
    en = "The certificate is damaged or was not signed by this town's office; it was not used."


class NotOurCertificate(ProvisioningError):
    """A certificate for another box, or for keys this box no longer has."""

    code = "not_our_certificate"
    fault = "K31"
    ja = "ほかの箱の証明か、鍵を 作りなおす前の この箱の証明です。使っていません。"
    en = "The certificate is for another box, or for keys that this box had before; it was not used."


class CertificateReplayed(ProvisioningError):
    """A certificate older than the one the box holds."""

    code = "certificate_replayed"
    fault = "K32"
    ja = "いまの証明より 古い証明です。使っていません。"
    en = "The certificate is older than the one this box holds; it was not used."


class UnknownBox(ProvisioningError):
    """No admitted box has that number."""

    code = "unknown_box"
    fault = "K40"
    ja = "その番号の箱は 登録されていません。"
    en = "No box of that number is enrolled."


class FarewellMissing(ProvisioningError):
    """A box is to retire, but what it wrote last is not known."""

    code = "farewell_missing"
    fault = "K41"
    ja = (
        "箱の「おわりのしるし」が ありません。箱で `madoguchi leave` をして、その USBメモリーを 持ってきてください。"
        "箱が 動かないときだけ --without-farewell を 付けます。"
        "町に とどいていない記録は、あとから 来ても 受けとりません。"
    )
    en = (
        "The box's farewell is missing: run `madoguchi leave` on it and bring that stick. Only where the box is dead,"
        " use --without-farewell; records that have not arrived by now will not be accepted later."
    )


class DeskRuns(ProvisioningError):
    """A box is to say farewell, but its desk still writes."""

    code = "desk_runs"
    fault = "K42"
    ja = "窓口が まだ 動いています。「きょうはおしまい」をして 窓口を とめてから、もう一度 どうぞ。"
    en = "The desk still runs and may write more; close the day, stop the desk, and try again."


class PaperRefused(ProvisioningError):
    """What was typed from the sheet of a recovery key is not what was printed."""

    code = "paper_refused"
    fault = "K50"
    ja = "紙の数字と 合いません。その行を 見なおして、もう一度 打ってください。"
    en = "It is not what the sheet says; look at that line again."


class PaperOfAnotherKey(ProvisioningError):
    """The sheets give a key, but not the one the desks seal to."""

    code = "paper_of_another_key"
    fault = "K51"
    ja = "数字は 正しく 読めましたが、この町の 控えの鍵では ありません。封筒を 取りちがえていないか 確かめてください。"
    en = "The numbers are right, but they are not this town's recovery key; is it the right envelope?"


class FontMissing(ProvisioningError):
    """A sheet is to be made, and no Japanese font is installed."""

    code = "font_missing"
    fault = "K60"
    ja = "日本語の 文字の形（フォント）が 入っていません。sudo apt install fonts-ipafont-gothic で 入ります。"
    en = "No Japanese font is installed; sudo apt install fonts-ipafont-gothic brings one."


class NoCheckout(ProvisioningError):
    """A bundle is made of the sources, and these are not there."""

    code = "no_checkout"
    fault = "B01"
    ja = "インストール用の一式は、ソースの フォルダーで 作ります（git で 取りだした フォルダーで もう一度 どうぞ）。"
    en = "A bundle is made from a checkout of the sources; run this there."


class WheelsMissing(ProvisioningError):
    """The libraries did not come, or were not those of the lock."""

    code = "wheels_missing"
    fault = "B02"
    ja = "Python の部品を そろえられません。ネットワークを 確かめて、もう一度 どうぞ。一式は 作っていません。"
    en = "The Python packages could not be collected; is the network there? No bundle was made."


class WheelRefused(ProvisioningError):
    """A wheel that is empty, or for another machine."""

    code = "wheel_refused"
    fault = "B03"
    ja = "中身のない 部品か、ほかの機械の 部品が まじっています。一式は 作っていません。"
    en = "A package is an empty stub or made for another machine; no bundle was made."


class CannotBuild(ProvisioningError):
    """The two wheels that exist nowhere cannot be built here."""

    code = "cannot_build"
    fault = "B04"
    ja = "lgpio と pyscard を ここでは 作れません。root で、mmdebstrap を 入れて、もう一度 どうぞ。"
    en = "lgpio and pyscard cannot be built here; it takes root, mmdebstrap and the network."


class SecretInBundle(ProvisioningError):
    """Something that must stay at home was about to be packed."""

    code = "secret_in_bundle"
    fault = "B05"
    ja = "秘密の鍵か 暗証の ことばが まじっています。一式は 作っていません。"
    en = "A private key or a password was about to be packed; no bundle was made."
