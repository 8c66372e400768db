"""Google's Gemini API, its videos: interactions (Omni), predictions (Veo), files, webhooks.

Both versions of the API, `v1` and `v1beta`, answer alike. What else the vendor's API does is left
out.
"""

from __future__ import annotations

import re
from typing import Any

from bodydouble.core.chance import ALNUM, Draw
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.keys import Key
from bodydouble.core.limits import Window, window
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.scenarios.scenario import Pace
from bodydouble.core.wire import Call
from bodydouble.providers.gemini import endpoints, files, interactions, predictions
from bodydouble.providers.gemini.catalogue import MONEY, for_people, rows
from bodydouble.providers.gemini.errors import DETAILS, refuse
from bodydouble.providers.gemini.facts import CLIENT_RULES, NAME, QUIRKS
from bodydouble.providers.gemini.replies import LINKS, STATES
from bodydouble.providers.gemini.sample import SAMPLE
from bodydouble.providers.gemini.webhooks import WEBHOOKS, jwks
from bodydouble.providers.standing import standing_beside

KEY_HEADER = "x-goog-api-key"
KEY_SHAPE = re.compile(r"AIza[0-9A-Za-z_-]{35}|AQ\.[0-9A-Za-z_-]{30,120}")


def _credential(call: Call) -> str:
    """The key of a request: in its header, or in its address, as older samples have it."""
    given = call.header(KEY_HEADER.encode())
    if given is None:
        given = call.query.get("key")
    if not given:
        raise Refused(Cause.NO_KEY)
    return given.strip()


def _mint(draw: Draw) -> str:
    return f"AIza{draw.text(35, ALNUM)}"


def _windows(call: Call, key: Key, operation: Operation) -> tuple[Window, ...]:
    """So many videos a minute for each model; of a model that there is not, none."""
    if not operation.billed:
        return ()
    model = call.params.get("model") or _model(call)
    row = rows().get(model) if isinstance(model, str) else None
    if row is None:
        return ()
    return (window(f"requests:{row.model}", key.rate_limit or row.per_minute, key.account),)


def _model(call: Call) -> Any:
    try:
        return call.json_object().get("model")
    except Refused:
        return None


_V = "/v1beta"
_INTERACTION, _WEBHOOK = f"{_V}/interactions/{{id}}", f"{_V}/webhooks/{{id}}"

PROVIDER = Provider(
    name=NAME,
    title="Gemini",
    base_path=_V,
    base_aliases=("/v1",),
    hosts=("generativelanguage.googleapis.com",),
    client_env=(("GOOGLE_GEMINI_BASE_URL", "{root}"),),
    currency=MONEY,
    starting_balance=(("prepaid", MONEY.parse("50")),),
    pace=Pace(wait_s=3, run_s=30, run_per_output_s=3),
    operations=(
        Operation(
            "createInteraction", "POST", f"{_V}/interactions", interactions.create, billed=True
        ),
        Operation("getInteraction", "GET", _INTERACTION, interactions.read),
        Operation(
            "cancelInteraction",
            "POST",
            f"{_INTERACTION}/cancel",
            interactions.cancel,
            cancels=True,
        ),
        Operation("deleteInteraction", "DELETE", _INTERACTION, interactions.remove),
        Operation(
            "predictLongRunning",
            "POST",
            f"{_V}/models/{{model}}:predictLongRunning",
            predictions.create,
            billed=True,
        ),
        Operation(
            "getOperation", "GET", f"{_V}/models/{{model}}/operations/{{id}}", predictions.read
        ),
        Operation("listModels", "GET", f"{_V}/models", predictions.list_models),
        Operation("getModel", "GET", f"{_V}/models/{{model}}", predictions.read_model),
        Operation("uploadFile", "POST", f"/upload{_V}/files", files.start_upload),
        Operation("listFiles", "GET", f"{_V}/files", files.listed),
        Operation("getFile", "GET", f"{_V}/files/{{id}}", files.read),
        Operation("deleteFile", "DELETE", f"{_V}/files/{{id}}", files.remove),
        Operation("downloadFile", "GET", f"{_V}/files/{{id*}}:download", files.download),
        Operation("createWebhook", "POST", f"{_V}/webhooks", endpoints.create),
        Operation("listWebhooks", "GET", f"{_V}/webhooks", endpoints.listed),
        Operation("getWebhook", "GET", _WEBHOOK, endpoints.read),
        Operation("updateWebhook", "PATCH", _WEBHOOK, endpoints.change),
        Operation("deleteWebhook", "DELETE", _WEBHOOK, endpoints.remove),
        Operation("pingWebhook", "POST", f"{_WEBHOOK}:ping", endpoints.ping),
        Operation(
            "rotateSigningSecret", "POST", f"{_WEBHOOK}:rotateSigningSecret", endpoints.rotate
        ),
        Operation("getKeys", "GET", "/.well-known/jwks.json", jwks, open=True),
    ),
    states=STATES,
    refuse=refuse,
    details=DETAILS,
    credential=_credential,
    key_header=KEY_HEADER,
    key_scheme="",
    key_shape=KEY_SHAPE,
    mint_key=_mint,
    windows=_windows,
    links=LINKS,
    receives=files.received,
    forgets_deleted=True,
    shows_links=False,
    webhooks=WEBHOOKS,
    quirks=QUIRKS,
    standing=standing_beside(__file__),
    client_rules=CLIENT_RULES,
    sample=SAMPLE,
    models=for_people,
)
