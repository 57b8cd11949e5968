"""What an IP address leads to: the public internet, this machine, a private network, or something no test needs."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network


class Reach(StrEnum):
    """Where an address leads, in words for people."""

    PUBLIC = "public"
    LOOPBACK = "on this machine"
    PRIVATE = "in a private network"
    SHARED = "in a provider's network (carrier-grade NAT)"
    LINK_LOCAL = "link-local"
    METADATA = "a cloud's metadata service"
    MULTICAST = "multicast"
    UNSPECIFIED = "unspecified, which is this machine"
    EMBEDDED = "an IPv4 address hidden in an IPv6 one"
    RESERVED = "reserved"


_METADATA = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254",
            "169.254.170.2",
            "169.254.170.23",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "fd00:ec2::254",
            "fd00:ec2::23",
            "fd20:ce::254",
        ),
    )
)

_NETWORKS: tuple[tuple[IPNetwork, Reach], ...] = tuple(
    (ip_network(text), reach)
    for text, reach in (
        ("0.0.0.0/8", Reach.UNSPECIFIED),
        ("::/128", Reach.UNSPECIFIED),
        ("127.0.0.0/8", Reach.LOOPBACK),
        ("::1/128", Reach.LOOPBACK),
        ("10.0.0.0/8", Reach.PRIVATE),
        ("172.16.0.0/12", Reach.PRIVATE),
        ("192.168.0.0/16", Reach.PRIVATE),
        ("fc00::/7", Reach.PRIVATE),
        ("fec0::/10", Reach.PRIVATE),
        ("100.64.0.0/10", Reach.SHARED),
        ("169.254.0.0/16", Reach.LINK_LOCAL),
        ("fe80::/10", Reach.LINK_LOCAL),
        ("224.0.0.0/4", Reach.MULTICAST),
        ("ff00::/8", Reach.MULTICAST),
        ("::/96", Reach.EMBEDDED),
        ("::ffff:0:0/96", Reach.EMBEDDED),
        ("::ffff:0:0:0/96", Reach.EMBEDDED),
        ("2001::/32", Reach.EMBEDDED),
        ("2002::/16", Reach.EMBEDDED),
        ("64:ff9b:1::/48", Reach.EMBEDDED),
        ("198.18.0.0/15", Reach.RESERVED),
        ("192.88.99.0/24", Reach.RESERVED),
        ("240.0.0.0/4", Reach.RESERVED),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_GLOBAL_V6 = IPv6Network("2000::/3")


def reach_of(address: IPAddress) -> Reach:
    """Where an address leads; NAT64's well-known prefix leads where the IPv4 address in it does."""
    if isinstance(address, IPv6Address):
        address = IPv6Address(int(address))  # without its zone, such as %eth0
    if address in _METADATA:
        return Reach.METADATA
    known = next((reach for network, reach in _NETWORKS if address in network), None)
    if known is not None:
        return known
    if isinstance(address, IPv6Address):
        return _reach_of_v6(address)
    return Reach.PUBLIC if address.is_global else Reach.RESERVED


def _reach_of_v6(address: IPv6Address) -> Reach:
    if address in _NAT64:
        return Reach.PUBLIC if reach_of(IPv4Address(int(address) & 0xFFFFFFFF)) is Reach.PUBLIC else Reach.EMBEDDED
    if _is_isatap(address):
        return Reach.EMBEDDED
    return Reach.PUBLIC if address in _GLOBAL_V6 and address.is_global else Reach.RESERVED


def _is_isatap(address: IPv6Address) -> bool:
    return (int(address) >> 32) & 0xFFFFFFFF in (0x00005EFE, 0x02005EFE)
