"""How much work a function does, counted instead of timed: the same number on every machine,
however busy it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def instructions(function: Callable[[], object]) -> int:
    """How many bytecode instructions the interpreter runs in Python code called by `function`; what
    C code does in between is not seen."""
    count = 0

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "opcode"
        return local

    def enter(frame: FrameType, event: str, argument: Any) -> Any:
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return local

    former = sys.gettrace()
    sys.settrace(enter)
    try:
        function()
    finally:
        sys.settrace(former)
    return count


def growth(small: Callable[[], object], double: Callable[[], object]) -> float:
    """How many times the work of one size the work of twice that size is: 2 where it is linear, 4
    where it is quadratic.

    Both run once before they are counted, so that what is kept from one call to the next is not.
    """
    small()
    double()
    return instructions(double) / instructions(small)
