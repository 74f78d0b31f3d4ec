"""Pictures of screens as small PNG files: few colours, one byte a pixel."""

import struct
import zlib
from collections import Counter
from collections.abc import Sequence

MOST_COLOURS = 256
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BITS_OF_A_PALETTE = (8, 3, 0, 0, 0)

Colour = tuple[int, int, int]


def small_png(rgba: bytes, *, width: int) -> bytes:
    """The picture with these pixels, four bytes each, in its 256 most frequent colours; opacity is left out."""
    pixels = [rgba[place : place + 3] for place in range(0, len(rgba), 4)]
    counted = Counter(pixels)
    palette = [_colour(pixel) for pixel, _ in counted.most_common(MOST_COLOURS)]
    places = {pixel: _nearest(_colour(pixel), palette) for pixel in counted}
    drawn = bytes([places[pixel] for pixel in pixels])
    lines = b"".join(b"\0" + drawn[begin : begin + width] for begin in range(0, len(drawn), width))
    header = struct.pack(">II5B", width, len(drawn) // width, *_EIGHT_BITS_OF_A_PALETTE)
    colours = bytes([part for colour in palette for part in colour])
    parts = ((b"IHDR", header), (b"PLTE", colours), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(name, content) for name, content in parts)


def _colour(pixel: bytes) -> Colour:
    red, green, blue = pixel
    return red, green, blue


def _nearest(colour: Colour, palette: Sequence[Colour]) -> int:
    def distance(place: int) -> int:
        return sum((one - other) ** 2 for one, other in zip(colour, palette[place], strict=True))

    return min(range(len(palette)), key=distance)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
