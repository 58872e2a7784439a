"""The command line: one file for each verb, and no logic beyond options and what is shown.

Data goes to standard output, everything else to standard error.
"""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from inftool._version import __version__
from inftool.cli.common import FELL_SHORT, INTERRUPTED, WRONG_USAGE, app
from inftool.cli.data import doctor, serve, tree
from inftool.cli.rendering import err, plain
from inftool.cli.runs import coverage, export, play, synth, verify
from inftool.cli.training import evaluate, loop, train
from inftool.core.errors import InftoolError, UsageError

__all__ = ["app", "main"]
# In the order in which data passes, and in which --help lists them.
VERBS = (doctor, tree, serve, synth, play, verify, coverage, export, train, evaluate, loop)
# Typer lists commands in the order of import, which says nothing to a reader.
app.registered_commands.sort(
    key=lambda command: [verb.__name__ for verb in VERBS].index(
        getattr(command.callback, "__module__", "")
    )
)


def main() -> None:
    """Run the command line; every error that InfTool knows ends as one message and an exit code."""
    try:
        app()
    # UsageError first: it is an InftoolError, too, and has an exit code of its own.
    except UsageError as error:
        _fail(error, WRONG_USAGE)
    except InftoolError as error:
        _fail(error, FELL_SHORT)
    except BrokenPipeError:
        # The reader (`head`) has seen enough. Python would complain once more when it flushes on
        # the way out. Nothing may be printed any more, not even by the interpreter.
        sys.stdout = None
    except KeyboardInterrupt:
        err.print("\nstopped")
        raise SystemExit(INTERRUPTED) from None


def _fail(error: InftoolError, code: int) -> NoReturn:
    first, *rest = str(error).split("\n")
    err.print(f"[bold red]error:[/] {plain(first)}")
    for line in rest:
        err.print(plain(line))
    raise SystemExit(code)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if version:
        print(f"inftool {__version__}")
        raise typer.Exit
