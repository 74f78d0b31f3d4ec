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


class NotOnRoster(ProvisioningError):
    """Whoever is to add the kit's people is not on the roster under that number and PIN."""

    code = "not_on_roster"
    fault = "K09"
    ja = "名簿の番号か 暗証番号が ちがいます。キットの人は まだ 加えていません。"
    en = "That number and PIN are of nobody on the roster; the kit's people were not added yet."


class OlderKit(ProvisioningError):
    """A kit that the office made before the one this box has taken."""

    code = "older_kit"
    fault = "K10"
    ja = "この箱が 前に 読んだものより 古い キットです。使っていません。役場から 新しい キットを もらってください。"
    en = "The kit is older than the one this box took before; it was not used. Get the newest from the town office."


class OtherKeys(ProvisioningError):
    """A kit with other keys than those this box believes: of another town, of new keys, or of nobody we know."""

    code = "other_keys"
    fault = "K11"
    ja = (
        "この箱が 信じている 町の鍵と、キットの鍵が ちがいます。使っていません。USBメモリーが すりかわって"
        "いなければ（町の鍵を 作りなおした、箱を ほかの町に わたす）、`madoguchi provision wipe` のあとで"
        " もう一度 どうぞ。"
    )
    en = (
        "The kit's keys are not those this box believes; it was not used. If the stick was not swapped (the town has"
        " new keys, or the box goes to another town), run `madoguchi provision wipe` first."
    )


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
        "USBメモリーが すりかわっていないか 確かめ、箱で `madoguchi provision wipe` をして、はじめから"
        " 準備しなおしてください。"
    )
    en = (
        "The box was prepared with a kit that this town did not make. Was the stick swapped? Run `madoguchi provision"
        " wipe` on the box and prepare it afresh."
    )


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
    ja = (
        "この箱は 使うのをやめたか、盗まれたと 届けられた箱です。登録できません。また使うときは、箱で "
        "`madoguchi provision wipe` をして、新しい鍵と 新しい番号で はじめから 準備します。"
    )
    en = (
        "This box was retired or reported stolen. To use it again run `madoguchi provision wipe` on it and prepare it"
        " afresh, with new keys and a new number."
    )


class KitReplaced(ProvisioningError):
    """A request made under a kit of this town that holds keys the town no longer has."""

    code = "kit_replaced"
    fault = "K25"
    ja = (
        "町の鍵を 作りなおす前の キットで 準備された箱です。登録していません。"
        "箱で `madoguchi provision wipe` をして、新しい キットで 準備しなおしてください。"
    )
    en = "The kit of this box holds keys the town no longer has: wipe the box and prepare it with the newest kit."


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


class RecordsUnsent(ProvisioningError):
    """A box is to leave, and somebody would forget what it has not handed over."""

    code = "records_unsent"
    fault = "K43"
    ja = (
        "まだ 町へ 渡していない 記録が あります。窓口を 動かして `madoguchi sync` か `madoguchi export` をしてから、"
        "もう一度 どうぞ。あとで かならず 届けるなら --with-unsent を 付けます。"
    )
    en = (
        "Some records were not handed over yet: start the desk, run `madoguchi sync` or `madoguchi export`, and try"
        " again. If they are sure to be brought later, use --with-unsent."
    )


class RecordsNotOpened(ProvisioningError):
    """A box is to be emptied, and only it may still have some records."""

    code = "records_not_opened"
    fault = "K44"
    ja = (
        "役場が まだ「開いた」と 言っていない 記録が あります。何も 消していません。役場の返事を 待つか、"
        "失ってもよいなら --lose-records を 付けます。"
    )
    en = (
        "The office has not said of every record that it opened it. Nothing was erased. Wait for its answer, or use"
        " --lose-records if they may be lost."
    )


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


class SheetsMissing(ProvisioningError):
    """One sheet of three is there, or the same one twice."""

    code = "sheets_missing"
    fault = "K53"
    ja = "紙が 足りません。3枚のうち、ちがう 2枚が いります。もう一人の紙も 打ってください。"
    en = "Too few sheets: two different ones of the three are needed. Type somebody else's, too."


class PaperMissing(ProvisioningError):
    """The file with what was typed off a sheet cannot be read."""

    code = "paper_missing"
    fault = "K52"
    ja = "紙を 打った ファイルを 読めません。場所と 名まえを 確かめてください。"
    en = "The file with the typed sheet cannot be read; is its name right?"


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


class NeedsRoot(ProvisioningError):
    """What belongs to the machine is to be changed by a user who may not."""

    code = "needs_root"
    fault = "N01"
    ja = "この機械の 設定は 管理者だけが 変えられます。sudo を 付けて、もう一度 どうぞ。"
    en = "Only root may change this machine's network; put sudo before the command."


class NetworkManagerMissing(ProvisioningError):
    """There is nobody who could make a wireless network."""

    code = "network_manager_missing"
    fault = "N02"
    ja = (
        "NetworkManager が 入っていないか、動いていません。何も 変えていません。"
        "Raspberry Pi OS には 入っています。Debian では sudo apt install network-manager wpasupplicant です。"
    )
    en = (
        "NetworkManager is not installed or not running; nothing was changed. Raspberry Pi OS brings it; on Debian:"
        " sudo apt install network-manager wpasupplicant."
    )


class NoWireless(ProvisioningError):
    """The machine has no wireless device, or one that cannot be an access point."""

    code = "no_wireless"
    fault = "N03"
    ja = (
        "Wi-Fi の機器が ないか、親機に なれません。何も 変えていません。"
        "電源を切って USBの Wi-Fi を さすか、館の LANに つないでください。"
    )
    en = (
        "There is no wireless device, or it cannot be an access point; nothing was changed."
        " Use another one by USB, or the LAN of the building."
    )


class LeaserMissing(ProvisioningError):
    """Nobody could give addresses to tablets in the box's own network."""

    code = "leaser_missing"
    fault = "N04"
    ja = "端末に アドレスを くばる dnsmasq が 入っていません。sudo apt install dnsmasq-base で 入ります。"
    en = "dnsmasq, which gives tablets their addresses, is not installed: sudo apt install dnsmasq-base."


class MachineForwards(ProvisioningError):
    """The kernel passes on what is not meant for it, so a tablet would get further than the box."""

    code = "machine_forwards"
    fault = "N05"
    ja = (
        "この機械は 通信を ほかへ 中つぎする 設定です（net.ipv4.ip_forward = 1）。"
        "端末が 箱より 先へ 出られてしまうので、親機には しません。中つぎを 止めて、もう一度 どうぞ。"
    )
    en = (
        "This machine forwards packets (net.ipv4.ip_forward = 1), so tablets would get further than the box;"
        " switch that off first."
    )


class AddressTaken(ProvisioningError):
    """The box's own network would have the addresses of one that it is already in."""

    code = "address_taken"
    fault = "N06"
    ja = "そのアドレスは、いま つながっている ネットワークと 重なります。--address で 別のものに してください。"
    en = "A network that this machine is in has these addresses; choose others with --address."


class AccessPointFailed(ProvisioningError):
    """NetworkManager took the settings, but the network did not come up."""

    code = "access_point_failed"
    fault = "N07"
    ja = (
        "Wi-Fi の親機が 立ちあがりません。設定は のこしてあり、次の起動で もう一度 ためします。"
        "WPA3 を えらんでいたら --wifi wpa2 で、国の設定が まだなら それを して、もう一度 どうぞ。"
    )
    en = (
        "The wireless network did not come up; the settings stay and are tried at the next start. With WPA3 try --wifi"
        " wpa2, and set the country of the wireless device."
    )


class NamerMissing(ProvisioningError):
    """Nobody would tell the hall the name of the box."""

    code = "namer_missing"
    fault = "N08"
    ja = (
        "名まえを 知らせる avahi が ないか、動きません。sudo apt install avahi-daemon で 入ります。"
        "IPアドレスと QRは、いまでも 使えます。"
    )
    en = (
        "avahi, which tells the hall the name of this box, is missing or does not start: sudo apt install"
        " avahi-daemon. The address and its QR code work all the same."
    )


class ProgramFailed(ProvisioningError):
    """A program of the system did not do what it was asked."""

    code = "program_failed"
    fault = "N09"
    ja = "システムの 命令が うまく いきませんでした。"
    en = "A command of the system failed."


class CertificateBroken(ProvisioningError):
    """A certificate or its key is damaged, or they do not belong together."""

    code = "certificate_broken"
    fault = "N10"
    ja = (
        "LAN の証明書か その鍵が こわれています。--new-authority で 作りなおせます（端末には 入れなおしです）。"
        "町が 持ってきた証明書なら、置きなおしてください。"
    )
    en = (
        "The LAN certificate or its key is damaged; --new-authority makes new ones, which tablets have to be given"
        " again. If the town brought its own, put it there again."
    )


class OutsideAuthority(ProvisioningError):
    """A name or address is to be vouched for that the box's authority may not speak for."""

    code = "outside_authority"
    fault = "N11"
    ja = (
        "この箱の証明書で 名のれない 名まえか アドレスです。ここで 名のるには --new-authority で 作りなおし、"
        "端末に 入れなおします。"
    )
    en = (
        "The box's authority may not speak for this name or address; --new-authority makes one that may, which tablets"
        " have to be given again."
    )


class NoAddress(ProvisioningError):
    """A sheet for tablets is to be made, and no tablet reaches the box."""

    code = "no_address"
    fault = "N12"
    ja = (
        "端末から 開けるアドレスが まだ ありません。--tls を 付けるか、館の LANに つなぐか、"
        "--access-point で 箱を Wi-Fi の親機に してください。"
    )
    en = "No tablet reaches this box yet: use --tls and connect it to a LAN, or --access-point."
