"""`madoguchi provision network`: how tablets come to this box, set up, shown and kept in order."""

import json
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from appliance.assembly.clock import Machine as Clocks
from appliance.assembly.verbs import OK, note
from appliance.config import Config, load_config
from appliance.desk.errors import ConfigError, MadoguchiError
from appliance.messages import text, words_of
from appliance.store.checkup import Checkup, checkup
from provisioning.certificates import LONG_AGO, Authority, Reach, Seen
from provisioning.enrol import BoxPlace, request_of
from provisioning.errors import CertificateBroken, NamerMissing, NeedsRoot, NoAddress, NotPrepared
from provisioning.label import japanese_font
from provisioning.network_machine import Machine, put
from provisioning.network_name import SUFFIX, checked_name, machine_name, take_name
from provisioning.network_settings import set_in
from provisioning.network_sheet import Sheet, write_network_sheet
from provisioning.network_tls import LanTls, Time, TlsPlace, reach_of
from provisioning.network_wifi import ADDRESS, AccessPoint, Hall, Wifi, new_passphrase
from provisioning.presets import USUAL

ROOT_NAME = "madoguchi-root.crt"
DESK = "madoguchi.service"
LOOPBACK = "127.0.0.1"


def provision_network(arguments: Namespace, *, machine: Machine | None = None) -> int:
    """Set the network of this box up as asked, or show, renew or take back what is there."""
    network = Network(arguments.config, machine or Machine())
    if arguments.renew:
        return network.renew()
    if arguments.off:
        print(text("network_wifi_stopped" if network.point.switch_off() else "network_wifi_none"))
    elif arguments.no_tls:
        print(text("network_tls_stopped" if network.stop_tls() else "network_tls_none"))
    elif not arguments.show:
        network.set_up(arguments)
    if arguments.authority:
        print(text("network_root", path=network.hand_out_root(arguments.authority)))
    if arguments.page:
        network.write_page(arguments.page)
        print(text("network_page", path=arguments.page))
    if arguments.json:
        print(json.dumps(network.state(), ensure_ascii=False))
    else:
        print("\n".join(network.screen(with_secrets=sys.stdout.isatty())))
    return OK


class Network:
    """The network of one box."""

    def __init__(self, path: Path, machine: Machine) -> None:
        self._path = path
        self._machine = machine
        self._place = TlsPlace(folder=path.parent)
        self._tls = LanTls(self._place, machine)
        self.point = AccessPoint(machine, path.parent)

    @property
    def config(self) -> Config:
        """As it is now."""
        return load_config(self._path)

    # ------------------------------------------------------------------------------------------------------- changing

    def set_up(self, arguments: Namespace) -> None:
        """Name, access point and TLS, as the preset and the arguments say; done twice it changes nothing."""
        name = checked_name(arguments.name) if arguments.name else self._name()
        wants_point = arguments.access_point or arguments.new_passphrase or self.point.is_wanted
        wanted = self._hall(arguments, name) if wants_point else None
        try:
            take_name(name, self._machine)
        except NamerMissing as error:
            note(words_of(error))
        if wanted is not None:
            self.point.switch_on(wanted, name + SUFFIX)
        if arguments.tls or arguments.new_authority or self._wants_tls():
            self._speak_tls(name + SUFFIX, afresh=arguments.new_authority)

    def _hall(self, arguments: Namespace, name: str) -> Hall:
        """What the access point is to be; what nobody names stays as it was. Nothing is changed yet."""
        device, before = self.point.device(), self.point.hall()
        usual = before.wifi if before else self.point.usual(device)
        hall = Hall(
            ssid=name,
            passphrase=before.passphrase if before and not arguments.new_passphrase else new_passphrase(),
            wifi=Wifi(arguments.wifi) if arguments.wifi else usual,
            address=arguments.address or (before.address if before else ADDRESS),
            device=device,
        )
        self.point.must_be_possible(hall.address)
        return hall

    def _wants_tls(self) -> bool:
        """A PIN never goes through the air in the clear, so the box's own Wi-Fi is never without."""
        return USUAL[self.config.desk.preset].lan_tls or self._place.is_used or self.point.is_wanted

    def _speak_tls(self, own: str, *, afresh: bool) -> None:
        config = self.config
        others = [name for name in config.server.names if not name.endswith(SUFFIX)]
        time = self._time(config)
        if not time.is_sure:
            note(text("network_clock", now=f"{time.now.astimezone():%Y-%m-%d %H:%M}"))
        names = [own, *others]
        self._tls.set_up(self._reach(names), time=time, port=config.server.port, afresh=afresh)
        self._set_server({"host": LOOPBACK, "names": names, "behind_tls": True})
        self._tls.start()  # last: to pages that do not know of it every tablet would be the box's own screen

    def stop_tls(self) -> bool:
        """The pages are for the box's own screen again; whether they were not."""
        was_used = self._tls.stop()
        if self.config.server.behind_tls:
            self._set_server({"behind_tls": False})
        return was_used

    def _set_server(self, values: Mapping[str, object]) -> None:
        if set_in(self._path, "server", values):
            self._machine.run(("systemctl", "try-restart", DESK))

    def renew(self) -> int:
        """For the timer: a certificate that fits, in time; says something only where it did something."""
        config = self.config
        names = config.server.names or (machine_name() + SUFFIX,)
        if self._tls.renew(self._reach(names), time=self._time(config), port=config.server.port):
            print(text("network_renewed"))
        return OK

    # -------------------------------------------------------------------------------------------------------- looking

    def state(self) -> Mapping[str, object]:
        """The keys of this are a promise to programs; no passphrase and no key is among them."""
        config, hall, seen, authority = self.config, self.point.hall(), self._seen(), self._authority()
        wifi = {"ssid": hall.ssid, "address": str(hall.address.ip), "security": hall.wifi.value} if hall else {}
        return {
            "name": self._name() + SUFFIX,
            "addresses": [str(one) for one in self._machine.addresses()],
            "url": self._url(config),
            "access_point": {"wanted": self.point.is_wanted, "on": self.point.is_on(), **wifi},
            "tls": {
                "used": self._place.is_used,
                "names": [*seen.reach.names, *map(str, seen.reach.addresses)] if seen else [],
                "until": seen.until.astimezone().isoformat(timespec="seconds") if seen else None,
                "root": authority.fingerprint if authority else None,
            },
        }

    def screen(self, *, with_secrets: bool) -> Sequence[str]:
        """The same in words; the passphrase only where a person looks."""
        config, hall, seen, authority = self.config, self.point.hall(), self._seen(), self._authority()
        url = self._url(config)
        lines = [text("network_name", name=self._name() + SUFFIX)]
        lines.append(text("network_address", url=url) if url else text("network_alone"))
        if self.point.is_wanted:
            key = "network_wifi_on" if self.point.is_on() else "network_wifi_off"
            lines.append(text(key, ssid=hall.ssid if hall else "-", security=hall.wifi.value if hall else "-"))
        if seen is not None and self._place.is_used:
            lines.append(text("network_tls", until=f"{seen.until.astimezone():%Y-%m-%d}"))
        if authority is not None:
            lines.append(text("network_fingerprint", fingerprint=authority.fingerprint))
        if with_secrets:
            lines += _codes(url, hall if self.point.is_wanted else None)
        return lines

    def write_page(self, path: Path) -> None:
        """The sheet for the staff's tablets, which bears the passphrase."""
        config, hall, authority = self.config, self.point.hall(), self._authority()
        if not (address := self._url(config)):
            raise NoAddress
        sheet = Sheet(
            facility=config.desk.place,
            address=address,
            name=self._url(config, by_name=True),
            fingerprint=authority.fingerprint if authority else "",
        )
        if hall is not None and self.point.is_wanted:
            sheet = replace(sheet, ssid=hall.ssid, passphrase=hall.passphrase, wifi_uri=hall.uri)
        write_network_sheet(sheet, path, font=japanese_font())

    def hand_out_root(self, path: Path) -> Path:
        """Put what tablets install where somebody wants it, a stick perhaps; returns the file."""
        authority = self._place.held()
        if authority is None:
            raise ConfigError("authority", "this box has none yet; set TLS up first, with --tls")
        file = path / ROOT_NAME if path.is_dir() else path
        put(file, authority.root_file.decode("ascii"))
        return file

    # ------------------------------------------------------------------------------------------------------- the parts

    def _name(self) -> str:
        """As it was chosen, else by the number of the box, else by that of the desk."""
        config = self.config
        chosen = [name for name in config.server.names if name.endswith(SUFFIX)]
        if chosen:
            return chosen[0].removesuffix(SUFFIX)
        try:
            number = request_of(BoxPlace(config=self._path, state=config.state.directory))[0].box
        except NotPrepared:
            number = config.desk.number
        return f"madoguchi-{number:02}"

    def _reach(self, names: Sequence[str]) -> Reach:
        hall = self.point.hall() if self.point.is_wanted else None
        return reach_of(names, [*self._machine.addresses(), *([hall.address.ip] if hall else [])])

    def _url(self, config: Config, *, by_name: bool = False) -> str:
        """What a tablet opens; empty where only the box's own screen reaches the pages."""
        host = self._name() + SUFFIX if by_name else self._best_address()
        if not host:
            return ""
        if self._place.is_used:
            return f"https://{host}/"
        return "" if _is_loopback(config.server.host) else f"http://{host}:{config.server.port}/"

    def _best_address(self) -> str:
        hall = self.point.hall() if self.point.is_wanted else None
        own = [hall.address.ip] if hall else self._machine.addresses()
        return str(own[0]) if own else ""

    def _seen(self) -> Seen | None:
        try:
            return self._place.seen()
        except (OSError, CertificateBroken):
            return None

    def _authority(self) -> Authority | None:
        try:
            return self._place.held()
        except (NeedsRoot, CertificateBroken):
            return None

    def _time(self, config: Config) -> Time:
        return time_of(_signs(config))


def time_of(signs: Checkup | None, clocks: Clocks | None = None) -> Time:
    """The time by a network, else as somebody said it in this boot, else the latest that the box can know of."""
    clocks = clocks or Clocks()
    if clocks.is_synchronised():
        return Time(now=clocks.wall(), is_sure=True)
    if signs is not None and signs.said is not None:
        since = timedelta(milliseconds=clocks.uptime_ms() - (signs.said.uptime_ms or 0))
        return Time(now=signs.said.wall + since, is_sure=True)
    newest = signs.newest if signs is not None else None
    return Time(now=max(clocks.wall(), newest or LONG_AGO, LONG_AGO), is_sure=False)


def _signs(config: Config) -> Checkup | None:
    database = config.state.directory / "desk.db"
    try:
        return checkup(database) if database.exists() else None
    except (OSError, MadoguchiError):
        return None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _codes(url: str, hall: Hall | None) -> list[str]:
    from provisioning.qr import in_terminal

    lines = [in_terminal(hall.uri), text("network_passphrase", passphrase=hall.passphrase)] if hall else []
    return [*lines, in_terminal(url), url] if url else lines
