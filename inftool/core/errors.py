"""The errors that InfTool raises on purpose, one class for each stage.

A message says what was wrong and where; `hint` says what to do about it.
"""

from __future__ import annotations


class InftoolError(Exception):
    """The base of every error that InfTool raises on purpose."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        """What to do next, in a sentence; may be empty."""

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}\n  {self.hint}" if self.hint else message


class UsageError(InftoolError):
    """A command or function was asked for something impossible (exit code 2)."""


class SpecError(InftoolError):
    """A document cannot be read as an API description."""


class ToolError(InftoolError):
    """A tool does not exist, or its schema cannot be used."""


class WorldError(InftoolError):
    """The simulated world was asked for something that it cannot do."""


class ScenarioError(InftoolError):
    """No blueprint can be made from the tools at hand."""


class CastError(InftoolError):
    """A role card, a persona or a model cannot be used."""

    def __init__(self, message: str, *, hint: str = "", fatal: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.fatal = fatal
        """Whether every further conversation would fail as well."""


class RetryableError(CastError):
    """An endpoint failed in a way that may pass: the same request is worth sending again."""

    def __init__(
        self, message: str, *, hint: str = "", after: float | None = None, pushback: bool = False
    ) -> None:
        super().__init__(message, hint=hint)
        self.after = after
        """The seconds that the endpoint asks to wait; None if it does not say."""
        self.pushback = pushback
        """Whether the endpoint says that it is overloaded."""


class NonsenseError(RetryableError):
    """An endpoint's reply is not a completion."""

    def __init__(self, message: str, *, spent: tuple[int, int] = (0, 0)) -> None:
        super().__init__(message)
        self.spent = spent
        """The tokens (sent, received) that the reply cost all the same."""


class UnfitError(NonsenseError):
    """A completion cannot be used.

    It calls a tool that was not offered, has arguments that are not a JSON object, or was cut off.
    """


class StructuralError(CastError):
    """An endpoint refuses this very request (a context too long, a bad argument).

    It is recorded once and not sent again.
    """


class FatalError(CastError):
    """No further conversation can succeed, so the run stops.

    A key is refused, a model does not exist, or an endpoint stays unreachable.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint, fatal=True)


class AddressError(FatalError):
    """There is no such endpoint or model at an address.

    From an endpoint that has answered before, it is treated as a failure that may pass.
    """


class VerifyError(InftoolError):
    """A trajectory cannot be judged at all."""


class StoreError(InftoolError):
    """A run folder cannot be read, written or resumed."""


class ExportError(InftoolError):
    """A run cannot be written in a format, or what was written is not what was kept."""


class TrainingError(InftoolError):
    """A model cannot be trained or evaluated with what is given, or an environment is misused."""


class MissingExtra(InftoolError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed", hint=f"pip install 'inftool[{extra}]'")
