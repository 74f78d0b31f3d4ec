"""A town with a site to describe, and the keys to sign a kit for it."""

from datetime import UTC, datetime
from pathlib import Path

from provisioning.kit import Kit
from provisioning.site import load_site
from tests.sync.parts import OFFICE_KEY, TOWN_KEYS

NOON = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)

SITE = """
preset = "town"
receiver = "stick"
calendar = "hours.toml"
update_key = "RWQBAgMEBQYHCAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

[municipality]
code = "999997"
kind = "町"
name = "見本町"
hall = "町役場"
hall_reading = "チョウヤクバ"
head = "町長"
section = "企画情報課"
telephone = "000-000-0000"

[[facility]]
id = "kominkan-chuo"
name = "中央公民館"
type = "公民館"
authority = "教育委員会"
section = "生涯学習課"

[[facility]]
id = "toshokan"
name = "町立図書館"
type = "図書館"
authority = "指定管理者"
section = "生涯学習課"
calendar = "library.toml"

[[person]]
name = "さくら"
permission = "volunteer"
appointments = ["promotion_volunteer", "instructor"]
appointed_on = 2026-04-01
pledged_on = 2026-04-02
until = 2027-03-31
facility = "kominkan-chuo"

[[person]]
name = "2"
permission = "ict_support"
employment = "contractor"

[retention]
daily = 1
reports = 5
grants = 5

[devices]
buttons = "gpio"
lamps = "gpio"
simulated_gpio = false
button_lines = {"1" = 17}
lamp_lines = {"1" = 27}
"""

HOURS = "\n".join(
    ["# Wi-Fi: himitsu-no-password", "[hours]"]
    + [f'{day} = ["13:00-16:00"] # afternoons' for day in ("tuesday", "friday")]
    + [f"{day} = []" for day in ("monday", "wednesday", "thursday", "saturday", "sunday")]
)


def write_site(folder: Path, text: str = SITE) -> Path:
    """The description and the calendars beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hours.toml").write_text(HOURS, encoding="utf-8")
    (folder / "library.toml").write_text(HOURS.replace("13:00-16:00", "10:00-18:00"), encoding="utf-8")
    path = folder / "site.toml"
    path.write_text(text, encoding="utf-8")
    return path


def a_kit(folder: Path, more: str = "") -> Kit:
    """With `more` behind the description, which ends in [devices]."""
    return Kit(site=load_site(write_site(folder, SITE + more)), keys=TOWN_KEYS, number=1, made_at=NOON)


def kit_bytes(folder: Path) -> bytes:
    return a_kit(folder).to_bytes(OFFICE_KEY)
