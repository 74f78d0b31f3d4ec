"""What the command says about the voice, in Japanese and in English."""

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "voice_made": ("  {done}/{all}  {sentence}  （{kana}）", "  {done}/{all}  {sentence}  ({kana})"),
    "voice_ready": (
        "声の用意が できました。新しく {made}文、ぜんぶで {all}文。いらなくなった音 {gone}個を 消しました。",
        "The voice is ready: {made} sentences made, {all} in all, {gone} files deleted.",
    ),
}
