"""A stick of the office on which every kit can be made."""

from dataclasses import dataclass, field

from appliance.desk.errors import Invalid, MadoguchiError
from appliance.desk.facts.catalogue import Choice
from ui.desk.first_box_form import Description
from ui.desk.first_box_pages import MadeKit

TYPED = {
    "municipality.kind": "町",
    "municipality.code": "999997",
    "municipality.name": "見本町",
    "municipality.hall": "町役場",
    "municipality.hall_reading": "チョウヤクバ",
    "municipality.head": "町長",
    "municipality.section": "企画情報課",
    "municipality.telephone": "000-000-0000",
    "facility.1.id": "kominkan-chuo",
    "facility.1.name": "中央公民館",
    "facility.1.type": "公民館",
    "facility.1.authority": "head",
    "facility.1.section": "生涯学習課",
}
"""The least that somebody types there: the town, and one facility."""


@dataclass
class FakeFirstBox:
    """Port `FirstBox` that takes every site with a facility, and remembers what it was given."""

    needed: bool = True
    stick: str = "999997"
    failure: MadoguchiError | None = None
    given: list[tuple[Description, str]] = field(default_factory=list)

    def is_needed(self) -> bool:
        return self.needed

    def municipality(self) -> str:
        return self.stick

    def make(self, site: Description, passphrase: str) -> MadeKit:
        if self.failure is not None:
            raise self.failure
        if not site.facilities:
            raise Invalid("facility", "must hold one or more")
        self.given.append((site, passphrase))
        places = [Choice(id=one["id"], name=one["name"]) for one in site.facilities]
        return MadeKit(digest="0123456789abcdef", place="/media/madoguchi", facilities=places)
