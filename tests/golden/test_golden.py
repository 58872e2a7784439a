"""Compares what every case gives with what is pinned in `expected/`."""

from __future__ import annotations

import pytest

from tests.golden.__main__ import why_not
from tests.golden.cases import CASES, FORMATS
from tests.golden.entries import Entry, differences, expected_file, explained
from tests.golden.running import command, new_folder, small_run

# Training starts with importing torch, and is run by itself.
HEAVY = ("loop",)


def _parameters() -> list[object]:
    marks = {name: [pytest.mark.nightly] if name in HEAVY else [] for name in CASES}
    return [pytest.param(name, id=name, marks=marks[name]) for name in CASES]


@pytest.mark.cpu_limit(900)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", _parameters())
def test_a_case_gives_what_is_pinned(name: str) -> None:
    case = CASES[name]
    if reason := why_not(case):
        pytest.skip(reason)
    found = differences(name, case.run())
    if found:
        pytest.fail(explained(name, found), pytrace=False)


def test_a_difference_is_told_readably(monkeypatch: pytest.MonkeyPatch) -> None:
    old = Entry("000001", {"codes": ["call_failed"]}, {"messages": ["hello"]})
    new = Entry("000001", {"codes": ["call_failed", "step_missing"]}, {"messages": ["good day"]})
    pinned = new_folder("case.json")
    pinned.write_text(f"[{old.pinned()}]".replace("'", '"'), "utf-8")
    monkeypatch.setattr("tests.golden.entries.expected_file", lambda case: pinned)
    told = explained("case", differences("case", [new]))
    assert 'codes was ["call_failed"]' in told
    assert 'and is now ["call_failed","step_missing"]' in told
    assert 'now: ["good day"]' in told
    assert not differences("case", [old])


def test_every_case_is_pinned_and_nothing_else() -> None:
    folder = expected_file("any").parent
    assert {path.stem for path in folder.glob("*.json")} == set(CASES)


def test_every_export_format_is_a_case() -> None:
    with pytest.raises(RuntimeError) as caught:
        command("export", small_run(), "-o", new_folder("out"), "-f", "no such format")
    told = str(getattr(caught.value.__cause__, "hint", "")) or str(caught.value.__cause__)
    names = told.split("there are: ")[1].split("\n")[0].split(", ")
    assert tuple(names) == FORMATS
