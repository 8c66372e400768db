"""What stands around predictions: models and versions, deployments, hardware, the account.

Source: replicate.com/docs/reference/http, whose example account is everybody's here. Deployments
are given and cannot be changed.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.replicate.catalogue import (
    COG_VERSION,
    MADE_AT,
    OWNER,
    Row,
    deployments,
    hardware,
    rows,
    schema,
)

ACCOUNT = {
    "type": "organization",
    "username": OWNER,
    "name": "Acme Corp, Inc.",
    "avatar_url": "https://github.com/acme.png",
    "github_url": "https://github.com/acme",
}


async def account(call: Call, view: AccountView) -> Reply:
    """Whose key it is."""
    return Reply(200, ACCOUNT)


async def list_hardware(call: Call, view: AccountView) -> Reply:
    """What models can run on."""
    return Reply(200, hardware())


async def list_models(call: Call, view: AccountView) -> Reply:
    """The public models, all on one page."""
    return _page([_model(row) for row in rows().values()])


async def model(call: Call, view: AccountView) -> Reply:
    """One model, with its latest version."""
    return Reply(200, _model(_row(call)))


async def list_versions(call: Call, view: AccountView) -> Reply:
    """A model's versions: there is one of each."""
    return _page([_version(_row(call))])


async def version(call: Call, view: AccountView) -> Reply:
    """One version of a model."""
    row = _row(call)
    if call.params["id"] != row.version:
        raise Refused(Cause.NOT_FOUND, id=call.params["id"])
    return Reply(200, _version(row))


async def list_deployments(call: Call, view: AccountView) -> Reply:
    """The account's deployments, all on one page."""
    return _page([_deployment(one) for one in deployments().values()])


async def deployment(call: Call, view: AccountView) -> Reply:
    """One deployment, with its current release."""
    found = deployments().get(_name(call))
    if found is None:
        raise Refused(Cause.NOT_FOUND, id=_name(call))
    return Reply(200, _deployment(found))


def _page(results: list[dict[str, Any]]) -> Reply:
    return Reply(200, {"next": None, "previous": None, "results": results})


def _name(call: Call) -> str:
    return f"{call.params['owner']}/{call.params['name']}"


def _row(call: Call) -> Row:
    row = rows().get(_name(call))
    if row is None:
        raise Refused(Cause.NOT_FOUND, id=_name(call))
    return row


def _model(row: Row) -> dict[str, Any]:
    owner, _, name = row.model.partition("/")
    return {
        "url": f"https://replicate.com/{row.model}",
        "owner": owner,
        "name": name,
        "description": row.about,
        "visibility": "public",
        "is_official": row.official,
        "github_url": None,
        "paper_url": None,
        "license_url": None,
        "run_count": row.runs,
        "cover_image_url": None,
        "default_example": None,
        "latest_version": _version(row),
    }


def _version(row: Row) -> dict[str, Any]:
    return {
        "id": row.version,
        "created_at": MADE_AT,
        "cog_version": COG_VERSION,
        "openapi_schema": schema(row.model),
    }


def _deployment(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "owner": OWNER,
        "name": told["name"],
        "current_release": {
            "number": 1,
            "model": told["model"],
            "version": rows()[told["model"]].version,
            "created_at": MADE_AT,
            "created_by": ACCOUNT,
            "configuration": {
                "hardware": told["hardware"],
                "min_instances": told["min_instances"],
                "max_instances": told["max_instances"],
            },
        },
    }
