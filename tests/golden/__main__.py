"""The command `python -m tests.golden`: renew what is pinned, or write it out in full."""

from __future__ import annotations

import argparse
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from tests.golden import __doc__ as about
from tests.golden.cases import CASES, Case
from tests.golden.entries import differences, dump, expected_file, explained, store
from tests.golden.running import REAL_SPECS


def why_not(case: Case) -> str | None:
    """Why a case cannot run here, None where it can."""
    if case.shared and not REAL_SPECS.is_dir():
        return "the folder of real specs is absent"
    if case.torch and (find_spec("torch") is None or find_spec("trl") is None):
        return "the extra `train` is not installed"
    return None


def main() -> int:
    """Run the command; the exit code is 1 where a comparison found a difference."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.golden",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("cases", nargs="*", metavar="CASE", help="all where none is named")
    parser.add_argument("--renew", action="store_true", help="pin what comes out now")
    parser.add_argument("--dump", type=Path, metavar="DIR", help="write the full normal forms")
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    given = parser.parse_args()
    if given.list:
        print("\n".join(CASES))
        return 0
    if unknown := sorted(set(given.cases) - set(CASES)):
        parser.error(f"there is no case {unknown[0]!r}; there are: {', '.join(CASES)}")
    bad = [_one(CASES[name], given.renew, given.dump) for name in given.cases or CASES]
    return int(any(bad))


def _one(case: Case, renew: bool, folder: Path | None) -> bool:
    """Renew, dump or compare one case; whether a comparison found a difference."""
    if reason := why_not(case):
        print(f"{case.name}: skipped, {reason}", file=sys.stderr)
        return False
    start = time.process_time()
    entries = case.run()
    spent = f"{len(entries)} entries, {time.process_time() - start:.1f} s of CPU"
    if folder is not None:
        print(f"{dump(case.name, entries, folder)}: {spent}")
    if renew:
        print(f"{store(case.name, entries)}: {spent}")
    if renew or folder is not None:
        return False
    if not expected_file(case.name).is_file():
        print(f"{case.name}: nothing is pinned yet")
        return True
    found = differences(case.name, entries)
    print(explained(case.name, found) if found else f"{case.name}: as pinned, {spent}")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
