"""An Api -> one normalised OpenAPI 3.1 document, which compiles to the same tools: what `inftool doctor --fix` writes."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from inftool.core.errors import SpecError
from inftool.core.tools import Api, Response, Tool
from inftool.core.types import JsonObject
from inftool.specs.compiler import compile_document
from inftool.specs.schemas.inspection import referenced_definitions
from inftool.specs.schemas.keywords.values import identity

_REF = "#/$defs/"
_UNLIMITED = 1 << 40
_METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"})


def write_normalized(path: str | Path, out: str | Path, *, allow_remote: bool = False) -> Api:
    """Write the normalised OpenAPI 3.1 document of the spec at `path` to `out` (YAML for .yaml and .yml, else JSON); the Api it was made from.

    Raises SpecError when the spec has no usable operation or `out` cannot be written.
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
        if target.suffix.lower() in {".yaml", ".yml"}:
            target.write_text(_yaml(document), encoding="utf-8")
        else:
            target.write_text(
                json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
            )
    except OSError as error:
        raise SpecError(f"{out} cannot be written: {error}") from error
    return api


def normalized_document(api: Api) -> JsonObject:
    """The OpenAPI 3.1 document of an Api: mended and in one file. Compile with `closed=False` and no budget to lose nothing."""
    schemas = _Schemas()
    paths: JsonObject = {}
    for tool in api.tools:
        method, path = (tool.method, tool.path) if tool.method else ("POST", f"/{tool.name}")
        item = paths.setdefault(path, {})
        operation = _operation(tool, schemas)
        if method in _METHODS:
            item[method.lower()] = operation
        else:
            # 3.1 has no word for other methods; 3.2's is understood by those who know it.
            item.setdefault("additionalOperations", {})[method] = operation
    document: JsonObject = {
        "openapi": "3.1.0"
        if all(not tool.method or tool.method in _METHODS for tool in api.tools)
        else "3.2.0",
        "info": {
            "title": api.title,
            "version": api.version or "0",
            **({"description": api.description} if api.description else {}),
        },
    }
    if api.base_urls:
        document["servers"] = [{"url": url} for url in api.base_urls]
    document["paths"] = paths
    components: JsonObject = {}
    if schemas.found:
        components["schemas"] = schemas.found
    if schemes := _security(api.security):
        components["securitySchemes"] = schemes
    if components:
        document["components"] = components
    return document


class _Schemas:
    """The named schemas of the document: equal ones share a name, others never do."""

    def __init__(self) -> None:
        self.found: JsonObject = {}
        self._names: dict[tuple[str, str], str] = {}
        self._wholes: dict[int, tuple[Any, str]] = {}

    def place(self, schema: JsonObject) -> JsonObject:
        """The schema with its definitions moved to the components."""
        definitions = schema.get("$defs", {})
        names: dict[str, str] = {}
        fresh: list[str] = []
        for name, inner in definitions.items():
            key = (name, self._whole(name, definitions))
            if key not in self._names:
                self._names[key] = self._free(name, inner)
                fresh.append(name)
            names[name] = self._names[key]
        for name in fresh:
            self.found[names[name]] = _moved(definitions[name], names)
        return _moved({word: value for word, value in schema.items() if word != "$defs"}, names)  # type: ignore[no-any-return]

    def _whole(self, name: str, definitions: JsonObject) -> str:
        """A definition with everything that it refers to, as text: two of one name are one where these are equal."""
        known = self._wholes.get(id(definitions[name]))
        if known is None:
            reached = {name: None}
            todo = [name]
            while todo:
                for inner in sorted(referenced_definitions(definitions[todo.pop()])):
                    if inner not in reached:
                        reached[inner] = None
                        todo.append(inner)
            text = identity({inner: definitions[inner] for inner in reached})
            known = self._wholes[id(definitions[name])] = (
                definitions[name],
                hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            )
        return known[1]

    def _free(self, name: str, schema: JsonObject) -> str:
        wanted = re.sub(r"[^A-Za-z0-9._-]", "_", name)
        candidate, number = wanted, 2
        while candidate in self.found:
            candidate, number = f"{wanted}_{number}", number + 1
        self.found[candidate] = schema
        return candidate


def _moved(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_moved(inner, names) for inner in value]
    if not isinstance(value, dict):
        return value
    moved: JsonObject = {}
    for word, inner in value.items():
        if word == "$ref" and isinstance(inner, str) and inner.startswith(_REF):
            moved[word] = f"#/components/schemas/{names[inner.removeprefix(_REF)]}"
        elif word in {"enum", "const", "default", "examples"}:
            moved[word] = inner
        else:
            moved[word] = _moved(inner, names)
    return moved


def _operation(tool: Tool, schemas: _Schemas) -> JsonObject:
    placed = schemas.place(tool.input_schema)
    members: JsonObject = placed["properties"]
    required = set(placed.get("required", ()))
    operation: JsonObject = {"operationId": tool.name}
    if tool.summary:
        operation["summary"] = tool.summary
    if tool.description:
        operation["description"] = tool.description
    if tool.tags:
        operation["tags"] = list(tool.tags)
    parameters: list[JsonObject] = []
    body: JsonObject = {}
    whole: JsonObject | None = None
    body_required: list[str] = []
    for parameter in tool.parameters:
        schema = members[parameter.argument]
        needed = parameter.argument in required
        if parameter.location == "whole_body":
            whole = {"schema": schema, "required": needed}
        elif parameter.location in {"body", "form"}:
            body[parameter.name] = schema
            body_required += [parameter.name] * needed
        else:
            entry: JsonObject = {
                "name": parameter.name,
                "in": parameter.location,
                "required": needed,
                "schema": schema,
            }
            entry |= {"style": parameter.style} if parameter.style else {}
            entry |= {"explode": parameter.explode} if parameter.explode is not None else {}
            parameters.append(entry)
    if parameters:
        operation["parameters"] = parameters
    media = tool.body_type or "application/json"
    if whole is not None:
        operation["requestBody"] = {
            "required": whole["required"],
            "content": {media: {"schema": whole["schema"]}},
        }
    elif body:
        schema = {
            "type": "object",
            "properties": body,
            **({"required": body_required} if body_required else {}),
        }
        extra = {word: placed[word] for word in ("anyOf", "oneOf") if word in placed}
        optional = "dependentRequired" in placed
        if optional:
            needed_names = dict.fromkeys(
                name for names in placed["dependentRequired"].values() for name in names
            )
            argument_names = {parameter.argument: parameter.name for parameter in tool.parameters}
            schema["required"] = [argument_names[name] for name in needed_names]
        operation["requestBody"] = {
            "required": not optional and bool(body_required),
            "content": {media: {"schema": {**schema, **extra}}},
        }
        if not optional and not body_required:
            del operation["requestBody"]["required"]
    operation["responses"] = {
        response.status: _response(response, schemas) for response in tool.responses
    } or {"default": {"description": ""}}
    links = {
        link.name: {"operationId": link.operation, "parameters": link.parameters}
        for link in tool.links
    }
    if links:
        first = next(iter(operation["responses"].values()))
        first["links"] = links
    return operation


def _response(response: Response, schemas: _Schemas) -> JsonObject:
    found: JsonObject = {"description": response.description}
    if response.headers:
        found["headers"] = {name: {"schema": {"type": "string"}} for name in response.headers}
    if response.body is not None:
        media: JsonObject = {"schema": schemas.place(response.body)}
        if response.example is not None:
            media["example"] = response.example
        found["content"] = {"application/json": media}
    return found


def _security(schemes: JsonObject) -> JsonObject:
    """Security schemes in the words of OpenAPI 3."""
    found: JsonObject = {}
    for name, scheme in schemes.items():
        if scheme.get("type") == "basic":
            found[name] = {"type": "http", "scheme": "basic"}
        elif scheme.get("type") == "oauth2" and "flows" not in scheme:
            flow = {"accessCode": "authorizationCode", "application": "clientCredentials"}.get(
                str(scheme.get("flow")), str(scheme.get("flow", "implicit"))
            )
            kept = {
                word: scheme[word]
                for word in ("authorizationUrl", "tokenUrl")
                if isinstance(scheme.get(word), str)
            }
            scopes = scheme.get("scopes")
            found[name] = {
                "type": "oauth2",
                "flows": {flow: {**kept, "scopes": scopes if isinstance(scopes, dict) else {}}},
            }
        elif scheme.get("type") in {"apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"}:
            found[name] = scheme
    return found


def _yaml(document: JsonObject) -> str:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes every value out: an anchor in a spec surprises people and tools."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    return yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120)
