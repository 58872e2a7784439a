"""What operations become in words: the clearest of what a spec says, mended by rule."""

from __future__ import annotations

import pytest

from inftool.core.tools import Tool
from inftool.scenarios.wording.intents import achieved, addressed, intent, is_reading
from inftool.scenarios.wording.narrowing import narrowed
from inftool.scenarios.wording.phrases import article


def tool(
    summary: str = "",
    operation: str = "",
    path: str = "",
    effect: str = "read",
    description: str = "",
) -> Tool:
    return Tool.model_validate(
        {
            "name": "t",
            "description": description or summary,
            "summary": summary,
            "operation": operation,
            "path": path,
            "effect": effect,
            "input_schema": {"type": "object", "properties": {}},
            "output_schema": None,
            "origin": {"file": "x"},
            "api": "a",
        }
    )


@pytest.mark.parametrize(
    ("summary", "operation", "path", "effect", "said"),
    [
        (
            "Create one or more new projects",
            "createProject",
            "/Projects",
            "create",
            "create a new project",
        ),
        (
            "Get current status of an Alertmanager instance and its cluster",
            "getStatus",
            "/status",
            "read",
            "get the current status of an Alertmanager instance and its cluster",
        ),
        (
            "Get Logged-in Customer",
            "GetCustomersMe",
            "/store/customers/me",
            "read",
            "get my details",
        ),
        (
            "Create Address for Logged-In Customer",
            "PostCustomersMeAddresses",
            "/store/customers/me/addresses",
            "create",
            "create my address",
        ),
        (
            "All dashboards for current user",
            "allDashboards",
            "/{username}/dashboards",
            "read",
            "look up all my dashboards",
        ),
        (
            "Create special events",
            "createSpecialEvent",
            "/special-events",
            "create",
            "create a special event",
        ),
        (
            "List special events",
            "listSpecialEvents",
            "/special-events",
            "read",
            "list special events",
        ),
        (
            "Post a new silence or update an existing one",
            "postSilences",
            "/silences",
            "create",
            "post a new silence",
        ),
        ("Update existing spotset", "", "/spotsets/{id}", "update", "update a spotset"),
        ("Retrieves a list of addresses", "", "/addresses", "read", "get the addresses"),
        (
            "deleteSnapshot",
            "deleteSnapshotUsingDELETE",
            "/snapshots/{id}",
            "delete",
            "delete a snapshot",
        ),
        (
            "Replaces the UserOrganization resource.",
            "putUserOrganizationItem",
            "/user-organizations/{id}",
            "update",
            "replace the user organization",
        ),
        (
            "No Documentation Found.",
            "Sets_PostTranslation",
            "/sets",
            "create",
            "create a translation",
        ),
        (
            "Deprecated operation",
            "addStreamSource",
            "/stream_sources/add",
            "create",
            "add a stream source",
        ),
        (
            "[Deprecated] Get team webhooks",
            "getTeamWebhooks",
            "/teams/{id}/webhooks",
            "read",
            "get team webhooks",
        ),
        (
            "UNDER DEVELOPMENT - Get folder information.",
            "",
            "/folders/{id}",
            "read",
            "get folder information",
        ),
        (
            "Get one category by ID",
            "fetchOneCategory",
            "/categories/{id}",
            "read",
            "get a category",
        ),
        (
            "Returns the spots matching the given query parameters.",
            "",
            "/spots",
            "read",
            "look up the spots",
        ),
        (
            "Twilio Message Post",
            "twilio_message_post",
            "/twilio",
            "create",
            "create a twilio message",
        ),
        (
            "Un-confirm the transaction",
            "unconfirm",
            "/transactions/{key}/unconfirm",
            "action",
            "unconfirm the transaction",
        ),
        ("Sale Listings", "sale-listings", "/listings/sale", "read", "look up sale listings"),
        ("Contributor Collection", "", "/contributor", "read", "look up contributors"),
        (
            "Create a project for the contact",
            "patchProject",
            "/Projects/{projectId}",
            "update",
            "update a project",
        ),
        (
            "Given a project and a date range, returns a timeseries of page counts.",
            "counts",
            "/counts/{start}",
            "read",
            "look up a timeseries of page counts",
        ),
        ("Create or update a customer", "upsert", "/customers/{id}", "update", "update a customer"),
        ("Update Client", "", "/client/{id}", "update", "update a client"),
        (
            "List a project's milestones",
            "",
            "/projects/{id}/milestones",
            "read",
            "list a project's milestones",
        ),
        ("Get a patient's record", "", "/patients/{id}", "read", "get a patient's record"),
        ("Get users(s)", "getUsers", "/users", "read", "get users"),
        ("", "", "/validatePhone", "read", "validate a phone"),
        ("", "problems_partial_update", "/problems/{id}", "update", "update a thing"),
    ],
)
def test_the_clearest_way_to_say_it(
    summary: str, operation: str, path: str, effect: str, said: str
) -> None:
    assert intent(tool(summary, operation, path, effect), "thing", "things") == said


@pytest.mark.parametrize(
    ("noun", "said"),
    [
        ("hour", "an hour"),
        ("user", "a user"),
        ("SMS token", "an SMS token"),
        ("URL", "a URL"),
        ("UUID", "a UUID"),
        ("order", "an order"),
        ("unit", "a unit"),
        ("uninstalled app", "an uninstalled app"),
        ("EPG batch", "an EPG batch"),
        ("QR code", "a QR code"),
        ("European city", "a European city"),
    ],
)
def test_articles_go_by_sound(noun: str, said: str) -> None:
    assert article(noun) == said


@pytest.mark.parametrize(
    ("phrase", "noun", "target", "said"),
    [
        ("cancel an order", "order", "order 12", "cancel order 12"),
        (
            "list an account's payments",
            "account",
            "the account Main",
            "list the payments of the account Main",
        ),
        ("get invoice details", "invoice", "the invoice 7", "get the details of the invoice 7"),
        (
            "get all project tasks",
            "project",
            "the project Field survey",
            "get all the tasks of the project Field survey",
        ),
        (
            "send an invoice reminder",
            "invoice",
            "the third invoice on that list",
            "send a reminder for the third invoice on that list",
        ),
        (
            "remove customer's address",
            "address",
            "the address with the company Verdant Farms",
            "remove the address with the company Verdant Farms",
        ),
        (
            "update a calendar on the user's calendar list",
            "calendar list",
            "the calendar list Camping",
            "update a calendar on the calendar list Camping",
        ),
        (
            "get comments in a file",
            "file",
            "the file roadmap.pptx",
            "get comments in the file roadmap.pptx",
        ),
        ("download a report", "", "May", "download a report for May"),
    ],
)
def test_the_object_is_named_where_it_stands(
    phrase: str, noun: str, target: str, said: str
) -> None:
    assert narrowed(phrase, noun, target) == said


def test_said_back_and_done() -> None:
    assert addressed("cancel my order") == "cancel your order"
    assert achieved("send my invoice") == "sent your invoice"
    assert achieved("look up an order") == "looked up an order"
    assert is_reading("look up an order")
    assert not is_reading("pay an order")
