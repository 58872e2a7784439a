"""The graph's guesses, with their evidence."""

from __future__ import annotations

from inftool.scenarios.world_pool import WorldPool
from inftool.toolset.producer_graph import ToolGraph, candidate_edges, is_connected, scalar_fields
from tests.support.apis import TEXT, api, many, op, shop, thing


def test_fields_follow_references_and_lists() -> None:
    schema = {
        "$defs": {"T": {"type": "object", "properties": {"id": {"type": "string"}}}},
        "type": "array",
        "items": {"$ref": "#/$defs/T"},
    }
    assert [pointer for pointer, _ in scalar_fields(schema)] == ["/*/id"]


def test_names_and_types_give_edges() -> None:
    edges = {edge.key: edge for edge in candidate_edges(shop().tools)}
    edge = edges["createOrder", "getOrder", "/orderId"]
    assert edge.source == "/id"
    assert "field" in edge.evidence
    assert ("listCustomers", "createOrder", "/customerId") in edges
    assert ("listOrders", "getCustomer", "/customerId") in edges
    assert not any(producer == consumer for producer, consumer, _ in edges)


def test_an_answer_that_is_a_bare_list_of_values() -> None:
    made = api(
        {
            "/colours": {"get": op("listColours", many(TEXT))},
            "/grids": {"get": op("listGrids", many(many({"type": "integer"})))},
            "/paints/{colour}": {
                "get": op("getPaint", thing("id", id=TEXT), params=(("colour", "path", TEXT),))
            },
        }
    )
    assert [pointer for pointer, _ in scalar_fields(made.tools[0].output_schema)] == ["/*"]
    assert candidate_edges(made.tools) == []


def test_links_are_certain(stage: WorldPool) -> None:
    edges = [edge for edge in candidate_edges(list(stage.tools.values())) if edge.certain]
    assert {(edge.producer, edge.consumer) for edge in edges} == {
        ("createOrder", "getOrder"),
        ("createOrder", "payOrder"),
    }
    assert all(edge.evidence[0] == "link" for edge in edges)


def test_connected_sets() -> None:
    near = ToolGraph(edges=tuple(candidate_edges(shop().tools))).neighbors()
    assert is_connected(["createOrder", "getOrder"], near)
    assert not is_connected(["createOrder", "nothing"], near)
    assert is_connected([], near)
