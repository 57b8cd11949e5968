"""Which hosts a browser may open: public ones, and those that a project or the installation allows besides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from tierwright.browser.addresses import IPAddress, IPNetwork, Reach, reach_of

NAMEABLE = frozenset({Reach.LOOPBACK, Reach.PRIVATE, Reach.SHARED})
"""Where the name of a host is enough to allow it; anything stranger must be allowed by its address."""

_NAME = re.compile(r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_WITH_PORT = re.compile(r"\[([0-9a-f:.]+)\]:([0-9]{1,5})|([^:]+):([0-9]{1,5})")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class HostRule:
    """One host that may be opened: a name, all names below one, or a network; `port` None means every port."""

    name: str = ""
    below: bool = False
    network: IPNetwork | None = None
    port: int | None = None

    def allows(self, host: str, port: int, address: IPAddress) -> bool:
        """Whether this rule lets a browser connect to the address under this name."""
        if self.port not in (None, port):
            return False
        reach = reach_of(address)
        return self._holds(address, reach) if self.network else reach in NAMEABLE and self._names(host)

    def _names(self, host: str) -> bool:
        return host.endswith(f".{self.name}") if self.below else host == self.name

    def _holds(self, address: IPAddress, reach: Reach) -> bool:
        """A network that happens to contain a metadata service does not allow it; the one address does."""
        network = self.network
        if network is None or address.version != network.version or address not in network:
            return False
        return reach is not Reach.METADATA or network.num_addresses == 1


def host_rule(text: str) -> HostRule:
    """A rule from its text: shop.example, *.shop.example, either with :port, an address, a network, or an origin.

    Raises ValueError, whose message says what can be written.
    """
    text = text.strip()
    entry = text.lower()
    if "://" in entry:
        return _of_origin(text, entry)
    found = _WITH_PORT.fullmatch(entry)
    host, port = (found[1] or found[3], int(found[2] or found[4])) if found else (entry, None)
    if port is not None and not 0 < port < 2**16:
        raise ValueError(f"{text!r} has no possible port")
    return _rule(text, host.removeprefix("[").removesuffix("]"), port)


def _of_origin(text: str, entry: str) -> HostRule:
    parts = urlsplit(entry)
    plain = parts.scheme in _PORTS and parts.hostname and "@" not in parts.netloc
    if not plain or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _no_host(text)
    return _rule(text, parts.hostname or "", parts.port or _PORTS[parts.scheme])


def _rule(text: str, host: str, port: int | None) -> HostRule:
    network = _network(host)
    if network is not None:
        return HostRule(network=network, port=port)
    if len(host) > 253 or not _NAME.fullmatch(host):
        raise _no_host(text)
    return HostRule(name=host.removeprefix("*."), below=host.startswith("*."), port=port)


def _no_host(text: str) -> ValueError:
    return ValueError(f"{text!r} is not a host; write shop.example, *.shop.example, 10.0.0.5:8000 or 10.0.0.0/8")


def _network(text: str) -> IPNetwork | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a browser may do: connect to one of these addresses and no other, or, without any, nothing for a reason."""

    addresses: tuple[IPAddress, ...] = ()
    reason: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the host may be opened."""
        return bool(self.addresses)


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """What the browsers of a run may open: every public host, and what the rules allow besides."""

    rules: tuple[HostRule, ...] = ()

    def decide(self, host: str, port: int, addresses: Sequence[IPAddress]) -> Verdict:
        """Whether a host that has these addresses may be opened; one bad address among good ones refuses it."""
        name = normal_host(host)
        refused = next((a for a in addresses if not self._permits(name, port, a)), None)
        if refused is not None:
            return Verdict(reason=_refusal(name, port, refused))
        return Verdict(tuple(addresses)) if addresses else Verdict(reason=f"{shown(name, port)} has no address")

    def _permits(self, host: str, port: int, address: IPAddress) -> bool:
        return reach_of(address) is Reach.PUBLIC or any(rule.allows(host, port, address) for rule in self.rules)


def access_policy(entries: Iterable[str]) -> AccessPolicy:
    """The policy of a list of hosts. Raises ValueError for an entry that is none."""
    return AccessPolicy(tuple(host_rule(entry) for entry in entries if entry.strip()))


def normal_host(host: str) -> str:
    """A host as rules name it: lower case, without brackets and without a final dot."""
    return host.lower().removeprefix("[").removesuffix("]").removesuffix(".")


def literal_address(host: str) -> IPAddress | None:
    """The address that a host is written as; None for a name."""
    try:
        return ip_address(normal_host(host))
    except ValueError:
        return None


def shown(host: str, port: int) -> str:
    """A host and its port as people write them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _refusal(host: str, port: int, address: IPAddress) -> str:
    """Why a host is refused and the way out; the address of a name is not told, which would map a private network."""
    reach, named = reach_of(address), literal_address(host) is None
    wanted = shown(host, port) if reach in NAMEABLE or not named else "its address"
    return (
        f"{shown(host, port)} may not be opened: it {'leads to an address that ' if named else ''}is {reach.value}; "
        f"an administrator can add {wanted} to the project's allowed_hosts or to TIERWRIGHT_ALLOWED_HOSTS"
    )
