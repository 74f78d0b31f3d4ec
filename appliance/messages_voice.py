"""What the command says about the voice, in Japanese and in English."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "voice_made": ("  {done}/{all}  {sentence}  （{kana}）", "  {done}/{all}  {sentence}  ({kana})"),
    "voice_ready": (
        "声の用意が できました。新しく {made}個、ぜんぶで {all}個の 音です（ふつうの速さと、ゆっくり）。"
        "いらなくなった音 {gone}個を 消しました。",
        "The voice is ready: {made} sounds made, {all} in all (at the usual speed and slower), {gone} files deleted.",
    ),
}
