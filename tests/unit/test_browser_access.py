"""Which hosts may be opened: every address is checked, and a list of hosts allows what it names and nothing beside."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tierwright.browser.access import AccessPolicy, access_policy, host_rule
from tierwright.browser.addresses import Reach, reach_of
from tierwright.core.errors import UsageError

NOTHING_MORE = AccessPolicy()
PUBLIC = ip_address("93.184.216.34")

ipv4 = st.ip_addresses(v=4)
private_v4 = st.one_of(
    *(st.ip_addresses(v=4, network=n) for n in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),
    *(st.ip_addresses(v=4, network=n) for n in ("169.254.0.0/16", "100.64.0.0/10", "224.0.0.0/4", "0.0.0.0/8")),
)
EMBEDDINGS = {
    "mapped": lambda v4: IPv6Address((0xFFFF << 32) | int(v4)),
    "compatible": lambda v4: IPv6Address(int(v4)),
    "6to4": lambda v4: IPv6Address((0x2002 << 112) | (int(v4) << 80) | 1),
    "NAT64": lambda v4: IPv6Address(int(IPv6Address("64:ff9b::")) | int(v4)),
    "local NAT64": lambda v4: IPv6Address(int(IPv6Address("64:ff9b:1::")) | int(v4)),
    "Teredo": lambda v4: IPv6Address((0x20010000 << 96) | (int(v4) ^ 0xFFFFFFFF)),
    "ISATAP": lambda v4: IPv6Address((0x2A00 << 112) | (0x5EFE << 32) | int(v4)),
}


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("8.8.8.8", Reach.PUBLIC),
        ("2606:4700::1111", Reach.PUBLIC),
        ("127.255.0.1", Reach.LOOPBACK),
        ("::1", Reach.LOOPBACK),
        ("0.0.0.0", Reach.UNSPECIFIED),
        ("0.1.2.3", Reach.UNSPECIFIED),
        ("::", Reach.UNSPECIFIED),
        ("10.0.0.1", Reach.PRIVATE),
        ("172.31.255.255", Reach.PRIVATE),
        ("fd12::1", Reach.PRIVATE),
        ("fec0::1", Reach.PRIVATE),
        ("100.64.0.1", Reach.SHARED),
        ("169.254.0.1", Reach.LINK_LOCAL),
        ("fe80::1%eth0", Reach.LINK_LOCAL),
        ("169.254.169.254", Reach.METADATA),
        ("fd00:ec2::254", Reach.METADATA),
        ("100.100.100.200", Reach.METADATA),
        ("168.63.129.16", Reach.METADATA),
        ("224.0.1.1", Reach.MULTICAST),
        ("ff0e::1", Reach.MULTICAST),
        ("255.255.255.255", Reach.RESERVED),
        ("198.18.0.1", Reach.RESERVED),
        ("192.0.2.1", Reach.RESERVED),
        ("2001:db8::1", Reach.RESERVED),
        ("4000::1", Reach.RESERVED),
        ("64:ff9b::808:808", Reach.PUBLIC),
        ("64:ff9b::7f00:1", Reach.EMBEDDED),
    ],
)
def test_every_address_leads_somewhere_known(address: str, reach: Reach) -> None:
    assert reach_of(ip_address(address)) is reach


@given(st.ip_addresses())
def test_what_is_public_is_what_python_calls_global_or_less(address: IPv4Address | IPv6Address) -> None:
    if reach_of(address) is Reach.PUBLIC:
        assert address.is_global
        assert not any((address.is_multicast, address.is_private, address.is_loopback, address.is_link_local))


@given(private_v4, st.sampled_from(sorted(EMBEDDINGS)))
def test_no_private_address_hides_in_an_ipv6_one(address: IPv4Address, how: str) -> None:
    assert not NOTHING_MORE.decide("x.example", 80, [EMBEDDINGS[how](address)]).allowed


@given(st.lists(ipv4, min_size=1), private_v4, st.randoms())
def test_one_bad_address_among_good_ones_refuses(good: list[IPv4Address], bad: IPv4Address, random) -> None:
    addresses = [*good, bad]
    random.shuffle(addresses)
    assert not NOTHING_MORE.decide("x.example", 443, addresses).allowed


@given(st.lists(ipv4))
def test_what_is_connected_to_is_what_was_checked(addresses: list[IPv4Address]) -> None:
    verdict = NOTHING_MORE.decide("x.example", 443, addresses)
    assert verdict.addresses in ((), tuple(addresses))
    assert verdict.allowed is bool(addresses and all(reach_of(a) is Reach.PUBLIC for a in addresses))
    assert bool(verdict.reason) is not verdict.allowed


@pytest.mark.parametrize(
    ("rule", "host", "port", "address", "allowed"),
    [
        ("shop.example", "shop.example", 80, "10.0.0.1", True),
        ("shop.example", "SHOP.example.", 80, "10.0.0.1", True),
        ("shop.example", "a.shop.example", 80, "10.0.0.1", False),
        ("shop.example", "notshop.example", 80, "10.0.0.1", False),
        ("*.shop.example", "a.b.shop.example", 80, "127.0.0.1", True),
        ("*.shop.example", "shop.example", 80, "127.0.0.1", False),
        ("*.shop.example", "evilshop.example", 80, "127.0.0.1", False),
        ("shop.example:8000", "shop.example", 8000, "::1", True),
        ("shop.example:8000", "shop.example", 80, "::1", False),
        ("127.0.0.1:8000", "127.0.0.1", 8000, "127.0.0.1", True),
        ("127.0.0.1:8000", "localhost", 8000, "127.0.0.1", True),
        ("127.0.0.1:8000", "127.0.0.1", 8001, "127.0.0.1", False),
        ("localhost", "localhost", 8000, "127.0.0.1", True),
        ("10.0.0.0/8", "x.example", 80, "10.9.9.9", True),
        ("10.0.0.0/8", "x.example", 80, "11.0.0.1", True),
        ("10.0.0.0/8", "x.example", 80, "192.168.0.1", False),
        ("10.0.0.0/8", "x", 80, "::ffff:10.0.0.1", False),
        ("[fd00::1]:8080", "fd00::1", 8080, "fd00::1", True),
        ("[fd00::1]", "fd00::1", 1, "fd00::1", True),
        ("fd00::/8", "x", 80, "fd00:ec2::254", False),
        ("0.0.0.0/0", "x", 80, "169.254.169.254", False),
        ("169.254.169.254", "x", 80, "169.254.169.254", True),
        ("shop.example", "shop.example", 80, "169.254.169.254", False),
        ("shop.example", "shop.example", 80, "169.254.7.7", False),
        ("shop.example", "shop.example", 80, "0.0.0.0", False),
        ("169.254.0.0/16", "x", 80, "169.254.7.7", True),
        ("https://shop.example", "shop.example", 443, "10.0.0.1", True),
        ("https://shop.example", "shop.example", 80, "10.0.0.1", False),
        ("http://shop.example:81/", "shop.example", 81, "10.0.0.1", True),
    ],
)
def test_a_rule_allows_what_it_names(rule: str, host: str, port: int, address: str, allowed: bool) -> None:
    assert access_policy([rule]).decide(host, port, [ip_address(address)]).allowed is allowed


@pytest.mark.parametrize(
    "text",
    [
        *("", "*", "*.", "a b", "shop.example/path", "ftp://shop.example", "http://a@shop.example", "http://x/?q"),
        *("x:0", "x:70000", "10.0.0.0/99", "a..b", "*.*.x", "http://", "-x", "http://x:70000"),
    ],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        host_rule(text)


@given(st.text())
def test_no_text_breaks_the_reading_of_a_rule(text: str) -> None:
    try:
        rule = host_rule(text)
    except ValueError:
        return
    assert rule.network or rule.name


def test_a_refusal_names_the_host_and_the_way_out_but_never_where_a_name_leads() -> None:
    named = NOTHING_MORE.decide("intranet.example", 80, [ip_address("10.1.2.3")]).reason
    assert "intranet.example:80" in named
    assert "allowed_hosts" in named
    assert "10.1.2.3" not in named
    assert "add 127.0.0.1:8000 to" in NOTHING_MORE.decide("127.0.0.1", 8000, [ip_address("127.0.0.1")]).reason
    assert "add [::1]:80 to" in NOTHING_MORE.decide("::1", 80, [ip_address("::1")]).reason


def test_the_environment_turns_the_filter_on_by_naming_a_host() -> None:
    from tierwright.compose import allowed_hosts

    assert allowed_hosts({}) is None
    assert allowed_hosts({"TIERWRIGHT_ALLOWED_HOSTS": " "}) is None
    assert allowed_hosts({"TIERWRIGHT_ALLOWED_HOSTS": "127.0.0.1:8000, *.x"}) == access_policy(
        ["127.0.0.1:8000", "*.x"]
    )
    with pytest.raises(UsageError, match="TIERWRIGHT_ALLOWED_HOSTS"):
        allowed_hosts({"TIERWRIGHT_ALLOWED_HOSTS": "a b"})
