"""What constrains a model while it generates: logits processors and where they come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

from inftool.training.environment.environment import Environment

Tensor: TypeAlias = Any
"""A `torch.Tensor`. torch is an optional extra, so its types are not imported."""


LogitsProcessor: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""A logits processor of transformers, for one call of `generate`.

It takes the tokens so far (rows, tokens) and the scores of the next one (rows, vocabulary), and
gives the scores with minus infinity for what must not come."""


class DecodingConstraint(Protocol):
    """What one model may write."""

    @property
    def loosened(self) -> set[str]:
        """Tools whose schemas could not be compiled; any object will do as their arguments."""

    def processor_for(self, environments: Sequence[Environment]) -> LogitsProcessor:
        """A logits processor for the next message in each of some environments."""
