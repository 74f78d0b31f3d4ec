"""The verbs of the voice."""

import sys
from argparse import Namespace
from datetime import UTC, datetime

from appliance.assembly.notices import DeskPacks
from appliance.assembly.voicing import clips_of, texts_of
from appliance.calendar_pack import load_calendar
from appliance.config import load_config
from appliance.content import BUILT_IN
from appliance.messages import text
from drivers.voice.rendering import readings, render


def make(arguments: Namespace) -> int:
    """Make the sound files that are missing, and delete those that nothing needs any more."""
    config = load_config(arguments.config)
    content = config.desk.content or BUILT_IN
    catalogue = DeskPacks.peek(content, config.state.directory)
    clips = clips_of(config, catalogue)
    texts = texts_of(catalogue, load_calendar(content), datetime.now(UTC), numbers=config.voice.numbers)
    speeds = (clips, clips.slower())
    left = {at_speed: at_speed.missing(texts) for at_speed in speeds}
    all_left = sum(map(len, left.values()))
    done = 0

    def tell(sentence: str, kana: str) -> None:
        nonlocal done
        done += 1
        print(text("voice_made", done=done, all=all_left, sentence=sentence, kana=kana), file=sys.stderr)

    for at_speed, missing in left.items():
        if missing:
            render(at_speed, missing, on_done=tell)
    gone = clips.sweep(texts)
    print(text("voice_ready", made=done, all=len(speeds) * len(clips.known(texts)), gone=gone))
    return 0


def kana(arguments: Namespace) -> int:
    """How texts will be read."""
    for reading in readings(arguments.text):
        print(reading)
    return 0
