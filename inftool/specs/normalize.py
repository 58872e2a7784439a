"""An Api -> one normalized OpenAPI document that compiles to the same tools.

This is what `inftool doctor --fix` writes.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from inftool.core.errors import SpecError
from inftool.core.identity_cache import IdentityCache
from inftool.core.tools import Api, Parameter, Response, Tool
from inftool.core.types import Schema
from inftool.specs.compiler import compile_document
from inftool.specs.schemas.inspection import (
    DEFINITIONS,
    definition_of,
    items_of,
    members_of,
    referenced_definitions,
)
from inftool.specs.schemas.keywords.values import identity

# No budget: nothing is cut.
_UNLIMITED = 1 << 40
# The methods that a path item of OpenAPI 3.1 has room for (section 4.8.9).
_METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"})
# Keywords whose values are no schemas, so that a `$ref` in them is only a value.
_VALUES = frozenset({"enum", "const", "default", "examples"})
_SECURITY_TYPES = frozenset({"apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"})
_OAUTH_FLOWS = {"accessCode": "authorizationCode", "application": "clientCredentials"}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_MAX_HASHES = 1_000_000  # Far above the number of definitions in any document.
_Object = dict[str, object]


def write_normalized(path: str | Path, out: str | Path, *, allow_remote: bool = False) -> Api:
    """Write the normalized document of the spec at `path` to `out`; the Api that it was made from.

    YAML for a name that ends in .yaml or .yml, else JSON. Raises SpecError if the spec has no
    usable operation or `out` cannot be written.
    """
    api = compile_document(
        path, max_schema_bytes=_UNLIMITED, closed=False, allow_remote=allow_remote
    )
    if not api.tools:
        raise SpecError(f"{path} has no usable operation", hint="`inftool doctor` says why.")
    document = normalized_document(api)
    target = Path(out)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        is_yaml = target.suffix.lower() in {".yaml", ".yml"}
        target.write_text(_yaml(document) if is_yaml else _json(document), encoding="utf-8")
    except OSError as error:
        raise SpecError(f"{out} cannot be written: {error}") from error
    return api


def normalized_document(api: Api) -> dict[str, object]:
    """The OpenAPI document of an Api, mended and in one file.

    Version 3.1, or 3.2 if a method needs it. Nothing is lost if the Api was compiled with
    `closed=False` and without a budget.
    """
    schemas = _NamedSchemas()
    paths: dict[str, _Object] = {}
    additional: dict[str, _Object] = {}
    for tool in api.tools:
        # A function has no path of its own, so it becomes a POST to its name.
        method, path = (tool.method, tool.path) if tool.method else ("POST", f"/{tool.name}")
        item = paths.setdefault(path, {})
        operation = _operation(tool, schemas)
        if method in _METHODS:
            item[method.lower()] = operation
        else:
            # New in OpenAPI 3.2; a reader of 3.1 ignores it.
            operations = additional.setdefault(path, {})
            item.setdefault("additionalOperations", operations)
            operations[method] = operation
    info: _Object = {"title": api.title, "version": api.version or "0"}
    if api.description:
        info["description"] = api.description
    document: _Object = {"openapi": "3.2.0" if additional else "3.1.0", "info": info}
    if api.base_urls:
        document["servers"] = [{"url": url} for url in api.base_urls]
    document["paths"] = paths
    components: _Object = {}
    if schemas.by_name:
        components["schemas"] = schemas.by_name
    security_schemes = _security(api.security)
    if security_schemes:
        components["securitySchemes"] = security_schemes
    if components:
        document["components"] = components
    return document


class _NamedSchemas:
    """The schemas in the components of the document: equal ones share a name, others do not."""

    def __init__(self) -> None:
        self.by_name: _Object = {}
        self._names: dict[tuple[str, str], str] = {}
        self._hashes: IdentityCache[object, str] = IdentityCache(_MAX_HASHES)

    def place(self, schema: Schema) -> _Object:
        """The schema without its `$defs`, which are moved to the components."""
        definitions = members_of(schema, "$defs")
        names: dict[str, str] = {}
        new: list[str] = []
        for name, inner in definitions.items():
            key = (name, self._hash(name, definitions))
            if key not in self._names:
                self._names[key] = self._add(name, inner)
                new.append(name)
            names[name] = self._names[key]
        # Only when all names are known, as definitions refer to each other.
        for name in new:
            self.by_name[names[name]] = _with_names(definitions[name], names)
        return {
            keyword: _member_with_names(keyword, value, names)
            for keyword, value in schema.items()
            if keyword != "$defs"
        }

    def _hash(self, name: str, definitions: _Object) -> str:
        """The hash of a definition together with everything that it refers to."""
        digest = self._hashes.get(definitions[name])
        if digest is not None:
            return digest
        reached = {name: None}
        todo = [name]
        while todo:
            for inner in sorted(referenced_definitions(definitions[todo.pop()])):
                if inner not in reached:
                    reached[inner] = None
                    todo.append(inner)
        text = identity({inner: definitions[inner] for inner in reached})
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return self._hashes.put(definitions[name], digest)

    def _add(self, name: str, schema: object) -> str:
        """Reserve a free name for a schema: "Pet", then "Pet_2"."""
        base = _UNSAFE.sub("_", name)
        candidate, number = base, 2
        while candidate in self.by_name:
            candidate, number = f"{base}_{number}", number + 1
        self.by_name[candidate] = schema
        return candidate


def _with_names(value: object, names: dict[str, str]) -> object:
    """The schema with its references turned to the components, where `names` says how."""
    if isinstance(value, list):
        return [_with_names(inner, names) for inner in value]
    if not isinstance(value, dict):
        return value
    return {keyword: _member_with_names(keyword, inner, names) for keyword, inner in value.items()}


def _member_with_names(keyword: str, value: object, names: dict[str, str]) -> object:
    if keyword == "$ref" and isinstance(value, str) and value.startswith(DEFINITIONS):
        return f"#/components/schemas/{names[definition_of(value)]}"
    return value if keyword in _VALUES else _with_names(value, names)


def _operation(tool: Tool, schemas: _NamedSchemas) -> _Object:
    placed = schemas.place(tool.input_schema)
    operation: _Object = {"operationId": tool.name}
    if tool.summary:
        operation["summary"] = tool.summary
    if tool.description:
        operation["description"] = tool.description
    if tool.tags:
        operation["tags"] = list(tool.tags)
    in_body = {"whole_body", "body", "form"}
    parameters = [
        _parameter(parameter, placed)
        for parameter in tool.parameters
        if parameter.location not in in_body
    ]
    if parameters:
        operation["parameters"] = parameters
    body = _request_body(tool, placed)
    if body:
        operation["requestBody"] = body
    responses = {response.status: _response(response, schemas) for response in tool.responses}
    if not responses:
        responses = {"default": {"description": ""}}
    # Links are kept for the whole operation; OpenAPI has them in a response.
    if tool.links:
        next(iter(responses.values()))["links"] = {
            link.name: {"operationId": link.operation, "parameters": link.parameters}
            for link in tool.links
        }
    operation["responses"] = responses
    return operation


def _parameter(parameter: Parameter, placed: Schema) -> _Object:
    entry: _Object = {
        "name": parameter.name,
        "in": parameter.location,
        "required": parameter.argument in items_of(placed, "required"),
        "schema": members_of(placed, "properties")[parameter.argument],
    }
    if parameter.style:
        entry["style"] = parameter.style
    if parameter.explode is not None:
        entry["explode"] = parameter.explode
    return entry


def _request_body(tool: Tool, placed: Schema) -> _Object:
    """The request body of a tool, put together again from its arguments; empty if it has none."""
    members, required = members_of(placed, "properties"), items_of(placed, "required")
    media = tool.body_type or "application/json"
    for parameter in tool.parameters:
        if parameter.location == "whole_body":
            content = {media: {"schema": members[parameter.argument]}}
            return {"required": parameter.argument in required, "content": content}
    fields = [parameter for parameter in tool.parameters if parameter.location in {"body", "form"}]
    if not fields:
        return {}
    properties = {field.name: members[field.argument] for field in fields}
    schema: _Object = {"type": "object", "properties": properties}
    required_fields = [field.name for field in fields if field.argument in required]
    # An optional body with required members became arguments that depend on each other.
    is_optional = "dependentRequired" in placed
    if is_optional:
        dependent = members_of(placed, "dependentRequired")
        names = {parameter.argument: parameter.name for parameter in tool.parameters}
        together = dict.fromkeys(
            str(argument) for name in dependent for argument in items_of(dependent, name)
        )
        schema["required"] = [names[argument] for argument in together]
    elif required_fields:
        schema["required"] = required_fields
    schema |= {keyword: placed[keyword] for keyword in ("anyOf", "oneOf") if keyword in placed}
    body: _Object = {"content": {media: {"schema": schema}}}
    if is_optional:
        return {"required": False, **body}
    return {"required": True, **body} if required_fields else body


def _response(response: Response, schemas: _NamedSchemas) -> _Object:
    entry: _Object = {"description": response.description}
    if response.headers:
        entry["headers"] = {name: {"schema": {"type": "string"}} for name in response.headers}
    if response.body is not None:
        media: _Object = {"schema": schemas.place(response.body)}
        if response.example is not None:
            media["example"] = response.example
        entry["content"] = {"application/json": media}
    return entry


def _security(schemes: Schema) -> _Object:
    """Security schemes in the form of OpenAPI 3; Swagger 2.0 has another one for two of them."""
    normalized: _Object = {}
    for name, scheme in schemes.items():
        if not isinstance(scheme, dict):
            continue
        if scheme.get("type") == "basic":
            normalized[name] = {"type": "http", "scheme": "basic"}
        elif scheme.get("type") == "oauth2" and "flows" not in scheme:
            normalized[name] = {"type": "oauth2", "flows": _oauth_flows(scheme)}
        elif scheme.get("type") in _SECURITY_TYPES:
            normalized[name] = scheme
    return normalized


def _oauth_flows(scheme: Schema) -> _Object:
    """The `flows` of OpenAPI 3 for the single `flow` of Swagger 2.0."""
    flow = str(scheme.get("flow", "implicit"))
    urls = {
        keyword: scheme[keyword]
        for keyword in ("authorizationUrl", "tokenUrl")
        if isinstance(scheme.get(keyword), str)
    }
    return {_OAUTH_FLOWS.get(flow, flow): {**urls, "scopes": members_of(scheme, "scopes")}}


def _json(document: _Object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _yaml(document: _Object) -> str:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes every value out: people and tools do not expect anchors in a spec."""

        def ignore_aliases(self, data: object) -> bool:
            return True

    return yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120)
