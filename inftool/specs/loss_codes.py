"""The loss codes: every way in which a part of a document may not arrive as it was written."""

from __future__ import annotations

from inftool.core.types import Level

# docs/losses.md explains each of them; a test compares the two.
CODES: dict[str, tuple[Level, str]] = {
    # documents: reading a file as JSON or YAML, and as an API
    "unreadable": ("error", "the file cannot be read as JSON or YAML"),
    "not_an_api": ("error", "the file holds no API description"),
    "bad_document": ("error", "a part of the document that holds operations is not an object"),
    "no_operations": ("warning", "the document declares no operation"),
    "unknown_version": (
        "warning",
        "the version of the format is missing or unknown, the nearest one was used",
    ),
    "missing_info": ("info", "title or version is missing"),
    "webhooks_ignored": ("info", "webhooks and callbacks call the client, so they are no tools"),
    "encoding": ("warning", "the file is not UTF-8"),
    "lenient_json": ("warning", "the file is not valid JSON and was read leniently"),
    "duplicate_key": ("warning", "a key is written twice in one object, the last one counts"),
    # {200: ...} in YAML has an integer for a key, {null: ...} a null.
    "odd_key": ("info", "a key is not a string and was read as it is written"),
    "yaml_tag": ("info", "a YAML tag was ignored"),
    "extra_documents": (
        "warning",
        "the file holds several YAML documents, only the first was read",
    ),
    # operations: what becomes a tool at all
    "bad_operation": ("error", "an operation cannot be read and is gone"),
    "bad_path": ("error", "a path item cannot be read and its operations are gone"),
    # A flaw that nobody foresaw costs one operation and not the document.
    "internal": ("error", "the compiler failed on an operation, which is gone"),
    "renamed_tool": ("info", "the tool's name differs from the operationId"),
    "duplicate_operation_id": ("warning", "two operations share an operationId"),
    # references: `$ref`, within a file and between files
    "dangling_ref": ("warning", "a reference points at nothing"),
    "circular_ref": ("warning", "a reference points back at itself"),
    # {"$ref": "../../etc/passwd"} or {"$ref": "file:///etc/passwd"}.
    "refused_ref": (
        "warning",
        "a reference leaves the folder of the document and was not followed",
    ),
    "remote_ref": ("warning", "a reference points at another machine and was not fetched"),
    "bad_ref": ("warning", "a reference is not a usable string"),
    # {"$ref": "Pet"} was read as {"$ref": "#/definitions/Pet"}.
    "mended_ref": (
        "info",
        "a reference was not written as a pointer, its target was found by name",
    ),
    # arguments: parameters and request bodies
    "bad_parameter": ("warning", "a parameter cannot be read and was left out"),
    "duplicate_parameter": ("warning", "a parameter is declared twice, the last one counts"),
    # /users/{id} without a parameter called id.
    "undeclared_path_parameter": (
        "warning",
        "the path names a parameter that nothing declares, a required string was added",
    ),
    "unused_path_parameter": (
        "warning",
        "a path parameter does not occur in the path and was left out",
    ),
    "optional_path_parameter": ("info", "a path parameter is not marked required, but always is"),
    # A query parameter and a member of the body are both called `id`; or "filter[name]".
    "renamed_argument": (
        "info",
        "an argument has another name than in the spec, because of a collision or its characters",
    ),
    # Credentials belong to the client, and a model would make them up.
    "auth_hidden": ("info", "a credential is not shown to a model"),
    "header_hidden": ("info", "a header that the HTTP client sets is not shown to a model"),
    "body_unused": (
        "warning",
        "a body on a GET, HEAD or DELETE has no defined meaning and is sent as documented",
    ),
    "body_alternatives": ("info", "the body is documented in several media types, one was used"),
    # A model can only be told of arguments that have names.
    "open_body": (
        "warning",
        "the body allows undeclared fields, only the declared ones became arguments",
    ),
    "bad_body": ("warning", "the body cannot be read and was left out"),
    # schemas: JSON Schema, in whatever dialect
    "bad_schema": ("warning", "a schema is neither an object nor a boolean and allows anything"),
    "bad_keyword": ("warning", "a keyword has a value of the wrong kind"),
    "dropped_keyword": ("info", "a keyword that JSON Schema 2020-12 does not know was left out"),
    # {"nullable": true} became {"type": [..., "null"]}.
    "translated": ("info", "written in the words of an older standard"),
    # {"type": "int32"} or {"type": "List<Pet>"}.
    "type_word": ("warning", "a type is a word of a programming language"),
    "unknown_type": ("warning", "a type is unknown and was left out"),
    "type_inferred": ("info", "a schema without a type declares properties or items"),
    # {"name": {"type": "string", "required": true}}, as draft 3 had it.
    "required_boolean": ("warning", "`required: true` is written inside a property"),
    "required_undeclared": ("warning", "a required property is not declared"),
    "bad_enum": ("warning", "an enum is empty or does not fit its type"),
    "bad_default": ("info", "a default does not fit its own schema and was left out"),
    "bad_pattern": ("warning", "a pattern is no valid regular expression and was left out"),
    # "/^[a-z]+$/i" became "^[a-zA-Z]+$".
    "mended_pattern": (
        "info",
        "a pattern was rewritten into the common part of ECMA, Python and Rust",
    ),
    "contradiction": ("warning", "two parts of an allOf contradict each other"),
    # Taken by the letter, no value at all would satisfy both parts.
    "closed_allof": (
        "warning",
        "a part of an allOf forbids what the others declare, the union is allowed",
    ),
    # {"oneOf": [{"type": "string"}, {"type": "string", "enum": ["a"]}]} would refuse "a".
    "overlapping_union": ("warning", "the branches of a oneOf overlap, any of them may match"),
    "bad_discriminator": ("warning", "a discriminator cannot be used to tell the branches apart"),
    # `additionalProperties: false` would refuse what the branches of a union declare.
    "unclosed": ("info", "an object is closed through unevaluatedProperties"),
    "shortened_text": ("info", "a description was shortened"),
    "cut_text": ("info", "descriptions were left out to fit the budget"),
    "cut_optional": ("warning", "optional properties were left out to fit the budget"),
    "cut_enum": ("warning", "a long enum was left out to fit the budget"),
    "cut_required": ("warning", "the inside of a required property was opened to fit the budget"),
    # The last resort of the check against the metaschema.
    "uncompilable": ("warning", "a schema does not compile even after mending and allows anything"),
    # responses: what the operation answers
    "bad_response": ("warning", "a response cannot be read and was left out"),
    "no_success": ("info", "no success response is documented"),
    "bad_link": ("info", "a link points at no operation and was left out"),
    "bad_example": ("info", "an example does not fit its own schema and was left out"),
}
"""Code -> (level, the sentence that is shown if the place has none of its own)."""

COUNTED = frozenset(
    {
        "odd_key",
        "translated",
        "dropped_keyword",
        "type_inferred",
        "shortened_text",
        "header_hidden",
        "auth_hidden",
        "body_alternatives",
    }
)
"""Codes recorded once a document, with the number of places: one line each would bury the rest."""
