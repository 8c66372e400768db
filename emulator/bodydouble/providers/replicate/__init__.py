"""Replicate: its routes, keys, limits and prepaid credit, put together.

The video part of its HTTP API: predictions by version, model and deployment, files, models,
webhooks. Trainings, collections, search and streams are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bodydouble.core.bodies import Reads
from bodydouble.core.chance import Draw
from bodydouble.core.clock import HOUR_US, SECOND_US
from bodydouble.core.forms import MULTIPART
from bodydouble.core.jobs import Job
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.limits import FixedWindow, Window, window
from bodydouble.core.links import LinkRules
from bodydouble.core.money.ledger import Account
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.provider_kit import bearer_key
from bodydouble.core.scenarios.scenario import Pace
from bodydouble.core.wire import Call
from bodydouble.providers.replicate import files, models, predictions
from bodydouble.providers.replicate.catalogue import MONEY, for_people
from bodydouble.providers.replicate.errors import DETAILS, LOW_CREDIT, refuse
from bodydouble.providers.replicate.facts import CLIENT_RULES, QUIRKS
from bodydouble.providers.replicate.replies import STATES
from bodydouble.providers.replicate.sample import SAMPLE
from bodydouble.providers.replicate.webhooks import WEBHOOKS, secret
from bodydouble.providers.standing import standing_beside

KEY_SHAPE = re.compile(r"r8_[A-Za-z0-9]{37}")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_LOW = MONEY.parse("5")


def _credential(call: Call) -> str:
    """The token behind ``Bearer``, or behind ``Token``, as clients before 2024 have it."""
    value = call.named.get(b"authorization", b"")
    return value[6:].decode("latin-1").strip() if value[:6] == b"Token " else bearer_key(call)


def _mint(draw: Draw) -> str:
    return f"r8_{draw.text(37, _LETTERS)}"


def _windows(call: Call, key: Key, operation: Operation) -> tuple[Window, ...]:
    if not operation.billed:
        limit = key.rate_limit or call.quirk("replicate.requests_per_minute")
        return (window("requests", limit, key.account),)
    limit = key.rate_limit or call.quirk("replicate.creates_per_minute")
    tight = call.quirk("replicate.low_credit") == "tight"
    return (window("creates" if tight else "all creates", limit, key.account),)


def _tightened(windows: tuple[Window, ...], account: Account) -> tuple[Window, ...]:
    # Whoever has nothing left is told so, not to come back later.
    if windows[0].name != "creates" or not 0 < account.balance < _LOW:
        return windows
    # Six a minute, and no two at once.
    return (FixedWindow(LOW_CREDIT, 1, account.id, 10 * SECOND_US),)


def _refunds(quirks: Mapping[str, Any], job: Job, struck: State) -> bool:
    # Charged is what came out, and what was canceled once it ran.
    return job.state is not State.CANCELED or struck is State.QUEUED


PROVIDER = Provider(
    name="replicate",
    title="Replicate",
    base_path="/v1",
    hosts=("api.replicate.com",),
    client_env=(("REPLICATE_API_TOKEN", "{key}"),),
    currency=MONEY,
    starting_balance=(("credit", MONEY.parse("50")),),
    pace=Pace(wait_s=4, run_s=25, run_per_output_s=6),
    operations=(
        Operation("createPrediction", "POST", "/v1/predictions", predictions.create, billed=True),
        Operation(
            "createModelPrediction",
            "POST",
            "/v1/models/{owner}/{name}/predictions",
            predictions.create_of_model,
            billed=True,
        ),
        Operation(
            "createDeploymentPrediction",
            "POST",
            "/v1/deployments/{owner}/{name}/predictions",
            predictions.create_of_deployment,
            billed=True,
        ),
        Operation("getPrediction", "GET", "/v1/predictions/{id}", predictions.read),
        Operation("listPredictions", "GET", "/v1/predictions", predictions.listed),
        Operation(
            "cancelPrediction",
            "POST",
            "/v1/predictions/{id}/cancel",
            predictions.cancel,
            cancels=True,
        ),
        Operation("createFile", "POST", "/v1/files", files.create),
        Operation("listFiles", "GET", "/v1/files", files.listed),
        Operation("getFile", "GET", "/v1/files/{id}", files.read),
        Operation("deleteFile", "DELETE", "/v1/files/{id}", files.remove),
        Operation("listModels", "GET", "/v1/models", models.list_models),
        Operation("getModel", "GET", "/v1/models/{owner}/{name}", models.model),
        Operation(
            "listVersions", "GET", "/v1/models/{owner}/{name}/versions", models.list_versions
        ),
        Operation("getVersion", "GET", "/v1/models/{owner}/{name}/versions/{id}", models.version),
        Operation("listDeployments", "GET", "/v1/deployments", models.list_deployments),
        Operation("getDeployment", "GET", "/v1/deployments/{owner}/{name}", models.deployment),
        Operation("listHardware", "GET", "/v1/hardware", models.list_hardware),
        Operation("getAccount", "GET", "/v1/account", models.account),
        Operation("getWebhookSecret", "GET", "/v1/webhooks/default/secret", secret),
    ),
    states=STATES,
    refuse=refuse,
    reads=Reads(("application/json", "", MULTIPART)),
    key_shape=KEY_SHAPE,
    mint_key=_mint,
    credential=_credential,
    windows=_windows,
    tightened=_tightened,
    links=LinkRules(lifetime_us=HOUR_US, expired_status=404),
    details=DETAILS,
    refunds=_refunds,
    webhooks=WEBHOOKS,
    quirks=QUIRKS,
    standing=standing_beside(__file__),
    client_rules=CLIENT_RULES,
    sample=SAMPLE,
    models=for_people,
)
