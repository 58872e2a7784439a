"""The entities that worlds start with: keys, copies, and references that agree."""

from __future__ import annotations

import random

from inftool.core.types import JsonObject
from inftool.world.schema.shape import Shape
from inftool.world.seeding.derived_values import make_distinct, parents_agree
from inftool.world.seeding.identifiers import key_prefix, make_key, typed_key
from inftool.world.world import World
from tests.support.apis import TEXT, WHOLE, api, many, op, ref, seeded, thing


def test_a_key_is_what_its_schema_wants() -> None:
    def key(schema: JsonObject) -> str | int:
        return make_key(Shape.of(schema), "order line", random.Random(1))

    number = key({"type": "integer", "examples": [1042]})
    assert isinstance(number, int)
    assert 1000 <= number <= 9999
    assert len(str(key({"type": "string", "format": "uuid"}))) == 36
    assert str(key({"type": "string", "pattern": "^[A-Z]{3}$"})).isupper()
    like = str(key({"type": "string", "examples": ["ORD-1042"]}))
    assert like.startswith("ORD-")
    assert str(key({"type": "string"})).startswith("ol_")
    assert len(str(key({"type": "string", "maxLength": 6}))) == 6


def test_a_key_has_the_type_of_its_property() -> None:
    shape = Shape.of(thing(id=WHOLE, code=TEXT))
    assert typed_key(shape, "id", "42") == 42
    assert typed_key(shape, "code", "42") == "42"
    assert typed_key(shape, "id", "x") == "x"
    assert key_prefix("customer") == "cus"


def test_a_text_that_is_taken_gets_a_number() -> None:
    value: dict[str, object] = {"slug": "acme"}
    make_distinct(value, "slug", Shape.of(thing(slug=TEXT)), {"acme", "acme-2"})
    assert value == {"slug": "acme2"}


def test_parents_agree_where_both_name_one() -> None:
    assert parents_agree({"home": "1"}, {"home": "1", "room": "2"})
    assert parents_agree({"home": "1"}, {"room": "2"})
    assert not parents_agree({"home": "1"}, {"home": "3"})


def test_references_point_at_entities_and_repeat_their_names() -> None:
    world = seeded("shop")
    for resource in world.resources.resources.values():
        for prop, target, key in resource.links:
            keys = {str(other.get(key)) for other in world.entities(target).values()}
            for entity in world.entities(resource.name).values():
                assert entity.get(prop) is None or str(entity[prop]) in keys


def test_two_resources_may_refer_to_each_other() -> None:
    document = api(
        {
            "/teams": {"get": op("listTeams", many(ref("Team")))},
            "/teams/{teamId}": {
                "get": op("getTeam", ref("Team"), params=(("teamId", "path", TEXT),))
            },
            "/users": {"get": op("listUsers", many(ref("User")))},
            "/users/{userId}": {
                "get": op("getUser", ref("User"), params=(("userId", "path", TEXT),))
            },
        },
        {
            "Team": thing("id", "ownerId", id=TEXT, name=TEXT, ownerId=TEXT),
            "User": thing("id", "teamId", id=TEXT, name=TEXT, teamId=TEXT),
        },
    )
    for seed in range(3):
        world = World.seed(document, seed)
        teams, users = world.entities("team"), world.entities("user")
        assert {str(team["ownerId"]) for team in teams.values()} <= set(users)
        assert {str(user["teamId"]) for user in users.values()} <= set(teams)
