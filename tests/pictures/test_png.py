import struct
import zlib

from tests.pictures.png import MOST_COLOURS, small_png


def chunks(png: bytes) -> dict[bytes, bytes]:
    found, place = {}, 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        content = png[place + 4 : place + 8 + length]
        assert struct.unpack(">I", png[place + 8 + length : place + 12 + length]) == (zlib.crc32(content),)
        found[content[:4]] = content[4:]
        place += 12 + length
    return found


def test_a_picture_of_few_colours_comes_out_as_it_was() -> None:
    white, blue = b"\xff\xff\xff\xff", b"\x00\x00\x90\xff"
    found = chunks(small_png(white * 3 + blue + white * 2, width=3))
    assert struct.unpack(">II", found[b"IHDR"][:8]) == (3, 2)
    assert found[b"PLTE"] == b"\xff\xff\xff\x00\x00\x90"
    assert zlib.decompress(found[b"IDAT"]) == b"\x00\x00\x00\x00" + b"\x00\x01\x00\x00"


def test_of_too_many_colours_the_rare_ones_become_their_neighbours() -> None:
    frequent = b"".join(bytes([shade, 0, 0, 255]) for shade in range(MOST_COLOURS)) * 2
    found = chunks(small_png(frequent + bytes([9, 1, 0, 255]), width=MOST_COLOURS * 2 + 1))
    assert len(found[b"PLTE"]) == MOST_COLOURS * 3
    assert zlib.decompress(found[b"IDAT"])[-1] == zlib.decompress(found[b"IDAT"])[1 + 9]
