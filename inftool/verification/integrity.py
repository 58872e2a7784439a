"""A seal over what was played, which no longer fits once anything of it is changed."""

from __future__ import annotations

from hashlib import blake2b

from pydantic_core import PydanticSerializationError, to_json

from inftool.core.blueprints import Blueprint
from inftool.core.trajectories import Finding, Trajectory

# Who the user is changes nothing that is judged, and is the longest part of a blueprint.
_MANNERS = {"persona"}


def seal(trajectory: Trajectory) -> str:
    """A hash of a trajectory's id, messages, blueprint and digest, as 32 hex digits.

    Equal JSON has the same seal, whatever its spacing. The tools are not in it: they are the
    largest part, and are compared with the spec itself.
    """
    parts = [
        trajectory.id,
        trajectory.messages,
        trajectory.offered_from,
        trajectory.provenance.get("digest"),
    ]
    digest = blake2b(to_json(parts), digest_size=16)
    if trajectory.blueprint is not None:
        # Fields at their defaults are left out: a later version may know more of them than the one
        # that played this.
        blueprint = _as_first_recorded(trajectory.blueprint)
        digest.update(blueprint.model_dump_json(exclude_defaults=True, exclude=_MANNERS).encode())
    return digest.hexdigest()


def _as_first_recorded(blueprint: Blueprint) -> Blueprint:
    """The blueprint with references inside the arguments, as 0.1.0 recorded and sealed it."""
    # Most plans take nothing from earlier results, and copying records is what a seal costs.
    if not any(step.bindings for step in blueprint.plan):
        return blueprint
    plan = tuple(
        step.with_arguments(step.written_arguments()) if step.bindings else step
        for step in blueprint.plan
    )
    return blueprint.model_copy(update={"plan": plan})


def broken_seal(trajectory: Trajectory) -> list[Finding]:
    """A finding where a sealed trajectory is no longer what it was."""
    known = trajectory.provenance.get("seal")
    try:
        if known is None or known == seal(trajectory):
            return []
    except PydanticSerializationError:
        # Something is in it that JSON cannot hold, so it is not what was written.
        pass
    return [
        Finding(
            code="edited",
            message="the line was changed after it was played",
            pointer="/provenance/seal",
            blame="server",
        )
    ]
