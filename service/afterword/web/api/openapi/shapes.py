"""Words that the description is written in."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
WHETHER: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}


def ref(name: str) -> Schema:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def maybe(schema: Schema) -> Schema:
    """This or null."""
    return {"oneOf": [schema, {"type": "null"}]}


def of(schema: Schema) -> Schema:
    """A list of these."""
    return {"type": "array", "items": schema}


def by_name(schema: Schema) -> Schema:
    """An object whose members all are such."""
    return {"type": "object", "additionalProperties": schema}


def has(**members: Schema) -> Schema:
    """An object with all of these."""
    return {"type": "object", "required": list(members), "properties": members}


def takes(*needed: str, **members: Schema) -> Schema:
    """An object that a client sends: only some are needed."""
    return {"type": "object", "required": list(needed), "properties": members}


def text(longest: int, why: str = "") -> Schema:
    """Text of at most so many characters."""
    return {**TEXT, "maxLength": longest, **({"description": why} if why else {})}
