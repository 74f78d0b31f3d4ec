"""The page about the protocol says of every kind of record what the code says."""

import pytest

from sync import schema
from sync.schema import SHAPES, Maybe, Shape
from tests.docs.pages import ROOT, text_of

PAGE = text_of(ROOT / "docs" / "protocol.md")


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.kind)
def test_every_kind_stands_there_with_its_fields_in_order(shape: Shape) -> None:
    named = ", ".join(f"`{name}`" + ("?" if isinstance(one, Maybe) else "") for name, one in shape.fields.items())
    assert f"| {shape.number} | `{shape.kind}` | {named} |" in PAGE
    assert shape.schema == 1


@pytest.mark.parametrize(
    "words", [schema.QUALITY, schema.SOURCE, schema.STATE, schema.ROLE, schema.MATTER, schema.CHANNEL]
)
def test_every_list_of_words_stands_there_in_order(words: schema.Word) -> None:
    assert f"| {', '.join(words.words)} |" in PAGE
