"""What fields hold that are written for machines: ids, keys, tokens, addresses of hosts, kinds, paths; by their names alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inftool.language.identifiers import bag, singular, split
from inftool.world.lexicon import vocabulary as words

if TYPE_CHECKING:
    from inftool.world.sampling.facts import Facts


_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_IDS = bag("id ids uuid guid sid uid gid identifier urn etag")
_SECRETS = bag(
    "token secret password apikey accesskey signature nonce hash checksum digest fingerprint md5 sha1 sha256 cursor"
)
_KINDS = bag(
    "type kind class mode format scope tier variant family flavor flavour protocol role strategy method"
)
_LINKS = bag(
    "logo avatar image picture photo icon thumbnail thumb banner download upload self html href info move uri src redirect endpoint"
)
_HOSTS = bag("host hostname domain nameserver server subdomain fqdn dns ns mx")
_UNITS = bag("unit uom unitofmeasure")
_PATHS = bag("path folder directory dir route prefix")


def machine_text_for_name(name: str, facts: Facts) -> str | None:
    """A string for a field that a machine reads, None where its name says no such thing."""
    parts = split(name)
    if not parts:
        return None
    rng, last, joined = facts.rng, singular(parts[-1]), "".join(parts)
    if last in _IDS:
        about = parts[:-1] or facts.noun
        return f"{_short(about)}_{''.join(rng.choice(_LETTERS) for _ in range(6))}"
    if (
        last in _SECRETS
        or (last == "key" and len(parts) > 1)
        or joined.endswith(("apikey", "token", "secret"))
    ):
        return "".join(rng.choice(_LETTERS) for _ in range(24))
    if last == "key":
        return _slug(facts)
    if last in _KINDS:
        return rng.choice(("standard", "standard", "basic", "custom", "primary"))
    if last in _UNITS:
        return rng.choice(("piece", "hour", "kg", "box"))
    if last in {"ip", "cidr"} or joined.endswith("ipaddress"):
        return f"192.0.2.{rng.randint(2, 250)}" + ("/32" if last == "cidr" else "")
    if last == "mac" or joined.endswith("macaddress"):
        return ":".join(f"{rng.randrange(256):02x}" for _ in range(6))
    if last in _HOSTS:
        return f"{_slug(facts)}.example.com"
    if last in _LINKS:
        return f"https://example.com/{last}/{_slug(facts)}"
    if last in _PATHS:
        return f"/{_slug(facts)}"
    if last in {"state", "status"}:
        return rng.choice(("active", "active", "pending"))
    if last in {"neighborhood", "neighbourhood", "district"}:
        return f"{rng.choice(words.STREETS).rsplit(' ', 1)[0]} Quarter"
    if joined.endswith(("code", "number")) and len(joined) > 6:
        return f"{joined[0].upper()}{rng.randint(1000, 9999)}"
    return None


def _short(about: tuple[str, ...]) -> str:
    return (
        "".join(word[0] for word in about) if len(about) > 1 else about[0][:3] if about else "obj"
    )


def _slug(facts: Facts) -> str:
    return "-".join(split(facts.thing())) or "item"
