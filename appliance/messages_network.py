"""What the command says about the network of a box, in Japanese and in English."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "network_name": ("名まえ      {name}", "name         {name}"),
    "network_address": ("アドレス    {url}", "address      {url}"),
    "network_alone": (
        "いまは、この箱の画面だけで 開けます。",
        "Only the box's own screen reaches the pages now.",
    ),
    "network_wifi_on": ("Wi-Fi       {ssid}（{security}） 動いています", "Wi-Fi        {ssid} ({security}), up"),
    "network_wifi_off": (
        "Wi-Fi       {ssid}（{security}） いまは 動いていません。madoguchi doctor が わけを 言います",
        "Wi-Fi        {ssid} ({security}), not up now; ask madoguchi doctor",
    ),
    "network_wifi_none": ("Wi-Fi の親機には していません。", "The box is not its own Wi-Fi."),
    "network_wifi_stopped": (
        "Wi-Fi の親機を やめました。合言葉は のこっています（--access-point で もどります）。",
        "Ended the box's own Wi-Fi; the passphrase stays, --access-point brings it back.",
    ),
    "network_passphrase": ("合言葉      {passphrase}", "passphrase   {passphrase}"),
    "network_tls": (
        "証明書      {until} まで（ひとりでに 新しくなります）",
        "certificate  until {until}, renewed by itself",
    ),
    "network_fingerprint": (
        "端末に入れる証明書の しるし（SHA-256）\n  {fingerprint}",
        "root (SHA-256)\n  {fingerprint}",
    ),
    "network_tls_none": ("LAN の TLS は 使っていません。", "There is no TLS in the LAN."),
    "network_tls_stopped": (
        "LAN の TLS を やめました。画面は この箱だけで 開けます。証明書は のこっています。",
        "Ended TLS in the LAN: only the box's own screen reaches the pages. The certificates stay.",
    ),
    "network_root": (
        "端末に入れる証明書を {path} に 置きました。秘密では ありません。端末に出る しるしを くらべてから 入れます。",
        "Put the certificate for tablets at {path}; it is no secret. Compare its fingerprint before installing it.",
    ),
    "network_page": (
        "係の端末のための紙を {path} に 作りました。合言葉が のっています。印刷したら 消してください。",
        "Made the sheet for the staff's tablets: {path}. It bears the passphrase; delete it once it is printed.",
    ),
    "network_clock": (
        "時計を まだ だれも たしかめていません（{now}）。証明書は この時刻で 作りました。"
        "「窓口を 開ける」で たしかめると、ちがっていれば 一時間ほどで 作りなおします。",
        "Nobody has confirmed the clock ({now}); the certificate was made by it. Once it is confirmed when the desk"
        " opens, a wrong one is replaced within an hour or so.",
    ),
    "network_renewed": ("LAN の証明書か 設定を 新しくしました。", "Renewed the LAN certificate or its configuration."),
}
