"""What a document says about where its API is."""

from __future__ import annotations

from inftool.specs.openapi.operations import server_urls


def test_servers_have_the_defaults_of_their_variables() -> None:
    server = {
        "url": "https://{region}.example.com/{version}",
        "variables": {"region": {"default": "eu"}, "version": {}},
    }
    assert server_urls({"servers": [server, server]}) == ("https://eu.example.com/{version}",)


def test_swagger_has_schemes_host_and_base_path() -> None:
    swagger = {"host": "example.com", "basePath": "/v1"}
    assert server_urls(swagger) == ("https://example.com/v1",)
    assert server_urls({**swagger, "schemes": ["http", "https"]}) == (
        "http://example.com/v1",
        "https://example.com/v1",
    )
