"""Whether a text asserts a value: amounts, currencies, dates, negations."""

from __future__ import annotations

import re
from typing import Any

from inftool.core.json_pointer import split_pointer
from inftool.language.values import normalize


def currency_in(answer: Any, pointer: str) -> str:
    """The currency (ISO code) that stands beside a value, or beside what it is part of."""
    node, found = answer, ""
    for part in (*split_pointer(pointer), ""):
        if isinstance(node, dict):
            here = next((node[key] for key in _CURRENCY_KEYS if key in node), None)
            found = here if isinstance(here, str) and _ISO.match(here) else found
            node = node.get(part)
        elif isinstance(node, list) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
    return found.upper()


_CURRENCY_KEYS = ("currency", "currencyCode", "currency_code")
_ISO = re.compile(r"^[A-Za-z]{3}$")
_SIGNS = {
    "€": ("EUR",),
    "£": ("GBP",),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₩": ("KRW",),
    "₺": ("TRY",),
    "zł": ("PLN",),
}
_NAMES = {
    "euro": "EUR", "pound": "GBP", "quid": "GBP", "yen": "JPY", "rupee": "INR", "franc": "CHF", "zloty": "PLN", "yuan": "CNY", "won": "KRW", "lira": "TRY",
}  # fmt: skip
_CODES = frozenset(
    "aud brl cad chf cny czk dkk eur gbp hkd huf inr jpy krw mxn nok nzd pln sek sgd try "
    "usd zar".split()
)
_KRONE = frozenset(("DKK", "NOK", "SEK", "ISK", "CZK"))
_DOLLAR = frozenset(
    (
        "USD",
        "CAD",
        "AUD",
        "NZD",
        "SGD",
        "HKD",
        "TWD",
        "MXN",
        "BBD",
        "BSD",
        "BZD",
        "FJD",
        "JMD",
        "LRD",
        "NAD",
        "TTD",
        "XCD",
    )
)
_BEFORE = re.compile(r"(\$|€|£|¥|₹|₩|₺|zł|\b[a-z]{3}\b) ?(?=\d)")
_AFTER = re.compile(
    r"(?<=\d) ?(\$|€|£|¥|₹|₩|₺|zł|\b[a-z]{3}\b|dollars?|euros?|pounds?|quid|yen|rupees?|francs?|"
    r"zloty|yuan|won|liras?|kron(?:er|or|a|e)|rand)(?!\w)"
)
_SCALE = re.compile(r"(?<=\d) ?(?=(?:hundred|thousand|million|billion|trillion|dozen)\b)")
_PERCENT = re.compile(r"(?<=\d) ?(?=%|percent\b|per cent\b)")
_MONEY = re.compile(r"price|amount|total|balance|cost|fee|fare|sum|paid|due\b")
_OWN = "\ue000"
_MINUS = re.compile(r"(^|[\s(€$£])(?:-|minus )(?=[€$£]?\d)")
_DENIED = re.compile(
    r"(\bnot|n't|\bnever|\bno longer|\brather than|\binstead of|\bno more than|\bformerly|\bused "
    r"to be)(?! (?:only|just|until|before|much)\b)"
    r"((?: (?:the|a|an|at|on|in|for|by|be|been|actually|really|exactly|quite|set to|priced at|"
    r"called|named|about|around|approximately|eur|usd|gbp))*) [€$£]?(?=\S)"
)


def asserted(text: str, value: Any, currency: str = "", words: str = "") -> str:
    """A normalised text in which a value that is only denied ("not 5"), of another sign, scale or
    currency no longer stands by itself.

    What makes it another value is joined to it with an underscore, so that `mentions` does not take
    it for the value itself.
    """
    found = text
    if type(value) in (int, float):
        found = _SCALE.sub("_", found)
        if value >= 0:
            found = _MINUS.sub(r"\1_", found)
        if currency:
            found = _BEFORE.sub(
                lambda sign: sign[0] if _may_mean(sign[1], currency) else f"{sign[1]}_", found
            )
            found = _AFTER.sub(
                lambda sign: sign[0] if _may_mean(sign[1], currency) else f"_{sign[1]}", found
            )
            if abs(value) >= 1 and _MONEY.search(words.casefold()):
                found = _PERCENT.sub("_", found)
    # "Not started" may be the value itself; what is denied is no mention of it, and is taken out.
    own = normalize(value) if isinstance(value, str) else ""
    if not own:
        return _DENIED.sub(r"\1\2_", found)
    return (
        _DENIED.sub(r"\1\2_", found.replace(own, _OWN)).replace(f"_{_OWN}", "_").replace(_OWN, own)
    )


def _may_mean(sign: str, currency: str) -> bool:
    """Whether a currency's sign, name or code may stand for a currency; whatever is none of these
    may."""
    if sign in _SIGNS:
        return currency in _SIGNS[sign]
    if sign == "$" or sign.startswith("dollar"):
        return currency in _DOLLAR
    if sign.startswith("kron"):
        return currency in _KRONE
    if (known := _NAMES.get(sign.removesuffix("s"))) is not None:
        return currency == known
    return sign not in _CODES or sign.upper() == currency
