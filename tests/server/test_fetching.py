"""Where the server goes on a user's word: to the open Internet, to what the operator names, and nowhere else."""

from __future__ import annotations

import pytest

from gofigr_jupyter.server.fetching import NOWHERE, Place, Reach, Unreachable, resolved

PUBLIC = "93.184.216.34"


def reach(*named: str, **answers: list[str]) -> Reach:
    """A server that resolves only these names."""
    table = {name.replace("_", "."): addresses for name, addresses in answers.items()}
    return Reach(named, lambda host, _port: table.get(host, []))


@pytest.mark.parametrize(
    "host",
    """127.0.0.1 127.1.2.3 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 192.0.0.192 192.0.2.1
    198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255 192.88.99.1 ::1 :: fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 ff02::1
    fec0::1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::a00:1 2002:7f00:1::
    2001:0:7f00:1:: 2001:db8::1 100::1 4000::1""".split(),
)
def test_addresses_that_are_not_the_open_internet(host: str) -> None:
    with pytest.raises(Unreachable):
        reach().find(host, 443)
    with pytest.raises(Unreachable):
        reach(git_example=[host]).find("git.example", 443)


@pytest.mark.parametrize(
    "host",
    [
        *"2130706433 0x7f000001 0x7f.1 127.1 0177.0.0.1 017700000001 127.0.0.1.. 1.2.3.4.5 0x 1.2.3.0x4 a_b.123".split(),
        *"a..b -a.b a-.b [::1] 127.0.0.1%00 a%2eb ｌｏｃａｌｈｏｓｔ 1２7.0.0.1".split(),
        *("", ".", "a b", "a\nb", "a/b", "a@b", "x" * 64 + ".org", "a." * 130 + "org"),
    ],
)
def test_what_is_no_name(host: str) -> None:
    asked: list[str] = []

    def resolve(name: str, _port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"]

    with pytest.raises(Unreachable):
        Reach((), resolve).find(host, 443)
    assert not {name for name in asked if name != "localhost"}, "numbers and oddities are not even looked up"


@pytest.mark.parametrize("host", ["localhost", "localhost.", "LOCALHOST", "localhost.localdomain"])
def test_names_of_this_machine(host: str) -> None:
    with pytest.raises(Unreachable):
        Reach().find(host, 443)


def test_a_name_is_looked_up_once_and_all_its_addresses_count() -> None:
    answers = iter([[PUBLIC, "2606:2800:220:1::1"], ["127.0.0.1"]])
    place = Reach((), lambda _host, _port: next(answers)).find("Git.Example.", 443)
    assert place == Place("git.example", 443, (PUBLIC, "2606:2800:220:1::1"), is_named=False)
    with pytest.raises(Unreachable):
        reach(git_example=[PUBLIC, "10.0.0.1"]).find("git.example", 443)


def test_one_sentence_for_unknown_and_forbidden() -> None:
    """Nobody learns which names there are inside."""
    told = set()
    for host in ("inside.example", "unknown.example", "10.0.0.1"):
        with pytest.raises(Unreachable) as refusal:
            reach(inside_example=["10.0.0.1"]).find(host, 443)
        told.add(str(refusal.value))
    assert told == {NOWHERE}


def test_what_the_operator_names() -> None:
    assert reach("10.0.0.0/8", git_lab=["10.1.2.3"]).find("git.lab", 8443).is_named
    assert reach("git.lab", git_lab=["10.1.2.3"]).find("git.lab", 25).is_named
    assert reach("::1").find("::1", 80) == Place("::1", 80, ("::1",), is_named=True)
    assert reach("127.0.0.1").find("::ffff:127.0.0.1", 80).addresses == ("127.0.0.1",)
    with pytest.raises(Unreachable):
        reach("10.0.0.0/8", git_lab=["10.1.2.3", "192.168.0.1"]).find("git.lab", 443)


@pytest.mark.parametrize(("port", "is_good"), [(22, True), (443, True), (8443, True), (25, False), (1, False)])
def test_ports_of_the_open_internet(port: int, is_good: bool) -> None:
    if is_good:
        assert reach().find(PUBLIC, port).port == port
    else:
        with pytest.raises(Unreachable):
            reach().find(PUBLIC, port)


def test_this_machines_own_resolver() -> None:
    assert "127.0.0.1" in resolved("localhost", 443)
    assert resolved("no-such-name.invalid", 443) == []
