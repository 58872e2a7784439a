"""A seal over what was played: whatever is changed afterwards, by however little, no longer fits
it."""

from __future__ import annotations

from hashlib import blake2b

from pydantic_core import PydanticSerializationError, to_json

from inftool.core.blueprints import Blueprint
from inftool.core.trajectories import Finding, Trajectory

# Who the user is changes nothing that is judged, and is the longest part of a blueprint.
_MANNERS = {"persona"}


def seal(trajectory: Trajectory) -> str:
    """A hash of the messages, the blueprint and the digest of a trajectory; the same for equal JSON
    whatever its spacing.

    The tools are not in it: they are the largest part, and are held against the spec itself.
    """
    parts = [
        trajectory.id,
        trajectory.messages,
        trajectory.offered_from,
        trajectory.provenance.get("digest"),
    ]
    digest = blake2b(to_json(parts), digest_size=16)
    if trajectory.blueprint is not None:
        # Without what is at its default: a later version may know more fields than the one that
        # played this.
        blueprint = _as_first_recorded(trajectory.blueprint)
        digest.update(blueprint.model_dump_json(exclude_defaults=True, exclude=_MANNERS).encode())
    return digest.hexdigest()


def _as_first_recorded(blueprint: Blueprint) -> Blueprint:
    """The blueprint with references inside the arguments, as 0.1.0 recorded and sealed it."""
    plan = tuple(step.with_arguments(step.written_arguments()) for step in blueprint.plan)
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
