"""Plans: every value at its pointer, and calls in batches."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inftool.agents.role_cards import load_personas
from inftool.core.blueprints import CATEGORIES, Step
from inftool.core.json_pointer import at_pointer
from inftool.scenarios.plan import leaves, parallel_batches
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=12,
    )
)
def test_leaves_find_every_value_at_its_pointer(value: object) -> None:
    for pointer, leaf in leaves(value):
        assert at_pointer(value, pointer) is leaf or at_pointer(value, pointer) == leaf


def test_calls_go_out_together_when_nothing_holds_them_back(stage: WorldPool) -> None:
    sampler, seen = BlueprintSampler(stage, load_personas(), 21), set[str]()
    for blueprint in (sampler.draw(index, seen) for index in range(len(CATEGORIES))):
        batches = parallel_batches(blueprint.plan)
        assert sorted(step.id for batch in batches for step in batch) == sorted(
            step.id for step in blueprint.plan
        )
        done: set[str] = set()
        for batch in batches:
            assert all(set(step.after) <= done for step in batch)
            done |= {step.id for step in batch}


def test_a_circular_plan_goes_out_one_by_one() -> None:
    one = Step(id="s1", tool="a", arguments={}, after=("s2",))
    two = Step(id="s2", tool="b", arguments={}, after=("s1",))
    assert parallel_batches([one, two]) == [[one], [two]]
