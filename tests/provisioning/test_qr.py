import xml.etree.ElementTree as ET

from provisioning.qr import as_svg, in_terminal

TEXT = "MADOGUCHI-REQUEST:" + "A2" * 160


def test_a_code_in_a_terminal_is_a_square_that_fits_a_window() -> None:
    lines = in_terminal(TEXT).splitlines()
    widths = {len(line) for line in lines}
    assert len(widths) == 1
    assert widths.pop() <= 80
    assert len(lines) <= 45
    assert set("".join(lines)) <= set(" ▀▄█")


def test_a_code_on_a_page_is_a_picture_without_anything_active() -> None:
    root = ET.fromstring(as_svg(TEXT))  # noqa: S314 (the same)
    assert root.tag.endswith("svg")
    assert {child.tag.rpartition("}")[2] for child in root.iter()} <= {"svg", "path"}
    assert int(root.attrib["width"]) == int(root.attrib["height"]) > 200
