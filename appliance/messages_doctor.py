"""What the command says about the state of a box, in Japanese and in English."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "doctor_well": ("だいじょうぶです。", "All is well."),
    "doctor_ill": ("人の手が いるところが {count}か所 あります。", "{count} things need a person."),
    "doctor_packed": (
        "点検の結果を {path} に まとめました。名まえ・記録・鍵は 入っていません。",
        "Packed the findings into {path}; no names, no records, no keys are in it.",
    ),
    "status_place": (
        "{facility}  窓口 {desk}  （madoguchi {version}）",
        "{facility}, desk {desk} (madoguchi {version})",
    ),
    "status_runs": ("窓口は {address} で 動いています。", "The desk runs at {address}."),
    "status_stopped": ("窓口は 動いていません（{address}）。", "The desk does not run ({address})."),
    "status_open": ("{at} に 開けました。", "Opened at {at}."),
    "status_closed": ("しまっています。", "Closed."),
    "status_unsent": (
        "町へ 未送信 {unsent}件（いちばん古いもの {at}）。",
        "Unsent: {unsent} (the oldest: {at}).",
    ),
    "status_heard": ("町が さいごに 答えたのは {at}。", "The town last answered at {at}."),
    "status_never_heard": ("町は まだ 答えたことが ありません。", "The town has not answered yet."),
    "status_enrolled": ("登録 箱 {box}番。", "Enrolled as box {box}."),
    "status_waits": ("登録を 待っています（箱 {box}番）。", "Waits for its certificate (box {box})."),
    "status_by_hand": ("キットを 使わずに 準備した箱です。", "Prepared without a kit."),
    "status_packs_own": ("内容パックは この箱のもの（役場のものは 使っていません）。", "Content packs: the box's own."),
    "status_packs": ("内容パックは 役場の {at} の版。", "Content packs: the office's of {at}."),
    "status_packs_next": (
        "つぎに 動かしたときから、役場の {at} の版に なります。",
        "From the next start: the office's of {at}.",
    ),
    "status_packs_refused": (
        "役場の {at} の版は 使えないので、まえのものを 使っています（{why}）。",
        "The office's of {at} cannot be used; those before are: {why}",
    ),
    "labelled": ("受入れの紙を {path} に 作りました。", "Made the acceptance sheet: {path}."),
}
