"""Leonardo's account, its price calculator and its elements.

All amounts are whole credits, whatever the plan (A14). Sources: OAS; docs.leonardo.ai guide to the
pricing calculator.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.leonardo.catalogue import (
    elements,
    models,
    platform_models,
    special,
)
from bodydouble.providers.leonardo.errors import invalid
from bodydouble.providers.leonardo.replies import lora, respond
from bodydouble.providers.leonardo.variables import Variable, read_variables

SVD, MOTION, VEO3 = (
    "MOTION_SVD_GENERATION",
    "MOTION_VIDEO_GENERATION",
    "VEO3_MOTION_VIDEO_GENERATION",
)
SERVICES = (
    *("IMAGE_GENERATION", "FANTASY_AVATAR_GENERATION", SVD, MOTION, VEO3, "LCM_GENERATION"),
    *("MODEL_TRAINING", "TEXTURE_GENERATION", "UNIVERSAL_UPSCALER", "UNIVERSAL_UPSCALER_ULTRA"),
)
_FIELD = "calculateProductionApiServiceCost"
_PRICED = (
    Variable("service", "PricingCalculatorServices", required=True, choices=SERVICES),
    Variable("serviceParams", ignored=True),
)


async def get_me(call: Call, view: AccountView) -> Reply:
    """`GET /me`."""
    read_variables(call, "user_details", ())
    account = view.account
    return respond(
        {
            "user_details": [
                {
                    "user": {"id": account.user_id, "username": f"tester{account.number}"},
                    "tokenRenewalDate": None,
                    "paidTokens": 0,
                    "subscriptionTokens": 0,
                    "subscriptionGptTokens": 0,
                    "subscriptionModelTokens": 0,
                    "apiConcurrencySlots": call.quirk("leonardo.concurrent_jobs"),
                    "apiPaidTokens": account.bucket("apiPaidTokens"),
                    "apiSubscriptionTokens": account.bucket("apiSubscriptionTokens"),
                    "apiPlanTokenRenewalDate": None,
                }
            ]
        }
    )


async def calculate_price(call: Call, view: AccountView) -> Reply:
    """`POST /pricing-calculator`: video services; of others nothing is known here, hence null."""
    values = read_variables(call, _FIELD, _PRICED)
    service, path = values["service"], f"$.selectionSet.{_FIELD}.args.arg1.serviceParams"
    given = _object(values.get("serviceParams"), path)
    params = {name: _object(given.get(name), f"{path}.{name}") for name in SERVICES}
    # The whole body is read before anything is priced, also the services it does not ask about.
    costs = {name: _price(name, params[name], f"{path}.{name}.resolution") for name in SERVICES}
    cost = costs[service]
    return respond({_FIELD: None if cost is None else {"cost": cost}})


def _object(value: Any, path: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        error = "expected an object for type 'PricingCalculatorServiceParams'"
        raise invalid(error, code="validation-failed", path=path)
    return value


def _price(service: str, params: dict[str, Any], path: str) -> int | None:
    if service == SVD:
        return special("svd")["price"]
    model = models().get({MOTION: "MOTION2", VEO3: "VEO3"}.get(service, ""))
    if model is None:
        return None
    # The calculator's own schema knows no more than these.
    known = [name for name in model.sizes if name != "RESOLUTION_1080"]
    resolution = params.get("resolution")
    resolution = known[0] if resolution is None else resolution
    if not isinstance(resolution, str) or resolution not in known:
        raise invalid(
            f"expected one of the values {known} for type 'MotionVideoGenerationResolution'",
            code="validation-failed",
            path=path,
        )
    # It takes no duration; the length a request without one gets is priced.
    return model.price(resolution, model.usual)


async def list_elements(call: Call, view: AccountView) -> Reply:
    """`GET /elements`: the motion elements, which are all this bodydouble has."""
    read_variables(call, "loras", ())
    return respond({"loras": [lora(id, view) | {"creatorName": "Leonardo"} for id in elements()]})


async def list_models(call: Call, view: AccountView) -> Reply:
    """`GET /platformModels`: image models with documented ids; none of them changes a picture."""
    read_variables(call, "custom_models", ())
    listed = [
        {**row, "description": "", "nsfw": False, "featured": True, "generated_image": None}
        for row in platform_models()
    ]
    return respond({"custom_models": listed})
