"""A form of the platform as a trigger form of Airflow."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param

from include.forms import Field, Form, Kind


def params(form: Form) -> dict[str, Param]:
    """Return the fields of a form, as a DAG's `params`."""
    return {field.name: _param(field) for field in form.fields}


def _param(field: Field) -> Param:
    empty = [] if field.required else ["null"]
    schema: dict[str, Any] = {"type": [*empty, "string"]}
    match field.kind:
        case Kind.DATE:
            schema |= {"format": "date"}
        case Kind.FLAG:
            schema = {"type": "boolean"}
        case Kind.NUMBER:
            schema = {"type": [*empty, "integer"], "minimum": 1, "maximum": 2**53}
        case Kind.CHOICE:
            schema = {"type": "string", "enum": list(field.choices)}
        case _:
            schema |= {"minLength": 1, "maxLength": 500} if field.required else {"maxLength": 500}
    # Without a default Airflow insists on a value.
    if not (field.required and field.default is None):
        schema["default"] = False if field.kind is Kind.FLAG else field.default
    return Param(
        title=field.name.replace("_", " ").capitalize(),
        description_md=f"{field.help}. For example `{field.example}`.",
        **schema,
    )
