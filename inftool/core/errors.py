"""One error class a stage; every message says what was wrong, where, and what to do."""

from __future__ import annotations


class InftoolError(Exception):
    """The base of every error that InfTool raises on purpose; `hint` is the next thing to do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}\n  {self.hint}" if self.hint else message


class UsageError(InftoolError):
    """The command was asked for something that cannot be (exit 2)."""


class SpecError(InftoolError):
    """A document cannot be read as an API description."""


class ToolError(InftoolError):
    """A tool was named that does not exist, or was given arguments that its schema refuses."""


class WorldError(InftoolError):
    """The simulated world was asked for something that it cannot do."""


class ScenarioError(InftoolError):
    """No blueprint can be made from what is there."""


class CastError(InftoolError):
    """A role card, a persona or a model client is unusable; `fatal`: for every further play too."""

    def __init__(self, message: str, *, hint: str = "", fatal: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.fatal = fatal


class RetryableError(CastError):
    """An endpoint may answer the same request when it is asked again; `after`: the seconds it asks to wait, `pushback`: it says that it is overloaded."""

    def __init__(
        self, message: str, *, hint: str = "", after: float | None = None, pushback: bool = False
    ) -> None:
        super().__init__(message, hint=hint)
        self.after = after
        self.pushback = pushback


class NonsenseError(RetryableError):
    """An endpoint answered, and the answer is no completion; `spent`: the tokens (in, out) that it cost all the same."""

    def __init__(self, message: str, *, spent: tuple[int, int] = (0, 0)) -> None:
        super().__init__(message)
        self.spent = spent


class UnfitError(NonsenseError):
    """A completion came and is not fit for use: a tool that was not offered, arguments that are no JSON object, a text that was cut off."""


class StructuralError(CastError):
    """An endpoint refuses this very request (a context too long, a bad argument): it is recorded once and not asked again."""


class FatalError(CastError):
    """No further play can succeed (a key refused, no such model, an endpoint that stays dead): the run stops."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint, fatal=True)


class AddressError(FatalError):
    """There is no such endpoint or model at an address; of one that has answered before it is taken for a passing trouble."""


class VerifyError(InftoolError):
    """A trajectory cannot be judged at all."""


class StoreError(InftoolError):
    """A run folder cannot be read, written or resumed."""


class ExportError(InftoolError):
    """A run cannot be written in a format, or what was written is not what was kept."""


class TrainingError(InftoolError):
    """A model cannot be trained or evaluated with what is there, or an environment was used in a way that it cannot be."""


class MissingExtra(InftoolError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed", hint=f"pip install 'inftool[{extra}]'")
