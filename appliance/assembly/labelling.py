"""`madoguchi provision label`: the acceptance sheet of this box."""

import socket
from argparse import Namespace
from importlib.metadata import version
from ipaddress import ip_address

from appliance.config import ServerSection, load_config
from appliance.messages import text
from provisioning.enrol import BoxPlace, request_of
from provisioning.errors import NotPrepared
from provisioning.label import Sheet, japanese_font, write_sheet
from sync.enrolment import code_of

OK = 0


def label(arguments: Namespace) -> int:
    """Write the sheet."""
    config = load_config(arguments.config)
    box, code = _enrolment(BoxPlace(config=arguments.config, state=config.state.directory))
    address = address_of(config.server)
    sheet = Sheet(
        facility=config.desk.facility_name,
        desk=config.desk.number,
        box=box,
        code=code,
        address=address or f"http://{config.server.host}:{config.server.port}（箱の画面だけ）",
        qr=address,
        version=f"madoguchi {version('madoguchi')}",
    )
    write_sheet(sheet, arguments.out, font=japanese_font())
    print(text("labelled", path=arguments.out))
    return OK


def _enrolment(place: BoxPlace) -> tuple[str, str]:
    """Number and code of the box; nothing where it was prepared without a kit."""
    try:
        asked, data = request_of(place)
    except NotPrepared:
        return "", ""
    return str(asked.box), code_of(data)


def address_of(server: ServerSection) -> str:
    """What other machines in the building type; empty where only the box's own screen reaches the pages."""
    if server.behind_tls and server.names:
        return f"https://{server.names[0]}/"
    try:
        listens_at = ip_address(server.host)
    except ValueError:
        return "" if server.host == "localhost" else f"http://{server.host}:{server.port}/"
    if listens_at.is_loopback:
        return ""
    host = f"[{server.host}]" if ":" in server.host else server.host
    name = (*server.names, f"{socket.gethostname()}.local")[0] if listens_at.is_unspecified else host
    return f"http://{name}:{server.port}/"
