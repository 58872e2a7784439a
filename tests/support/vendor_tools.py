"""Tools of two vendors, some of which are the same tool."""

from __future__ import annotations

from inftool.core.tools import Origin, Tool
from inftool.core.types import Effect


def vendor_tool(
    api: str,
    name: str,
    text: str,
    *required: str,
    effect: Effect = "read",
    path: str = "/orders",
    **properties: str,
) -> Tool:
    """A tool of a vendor's API; `properties` are its parameters' types by name."""
    schema = {
        "type": "object",
        "properties": {key: {"type": kind} for key, kind in properties.items()},
        "required": list(required),
    }
    return Tool(
        name=f"{api}_{name}",
        description=text,
        input_schema=schema,
        output_schema=None,
        effect=effect,
        origin=Origin(file=api),
        api=api,
        operation=name,
        path=path,
    )


LIST_ORDERS = vendor_tool(
    "shop", "listOrders", "List all orders of the shop", status="string", page="integer"
)
SAME_LIST_ORDERS = vendor_tool(
    "store", "list_orders", "List all orders of the shop", status="string", page="integer"
)
CANCEL_ORDER = vendor_tool(
    "store",
    "cancelOrder",
    "Cancel an order of the shop",
    "id",
    effect="action",
    path="/orders/{id}/cancel",
    id="string",
)
