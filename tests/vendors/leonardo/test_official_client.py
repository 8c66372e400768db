"""Leonardo's official Python client 7.0.0, unmodified, from an upload to a video that plays.

That client swallows what it does not expect: a value outside an enum makes the whole object
`Unset` and raises nothing. So every parsed answer is walked, and nothing in it may be `Unset`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import av
import httpx
import pytest
from PIL import Image
from pydantic import BaseModel

from bodydouble.testing import Emulator
from tests.vendors import clients

UNKNOWN = "00000000-0000-4000-8000-00000000dead"
# Captures have these beside generated_images, the schema has them in each image: A17.
MOTION = {"fantasy_avatar", "image_to_video", "motion", "motion_model", "motion_strength"}


pytestmark = pytest.mark.registry


def sdk(module: str = "") -> Any:
    """The official client, or a module of it."""
    return clients.imported("leonardo-ai-sdk", "7.0.0", f"leonardo_ai_sdk{module}")


class Vendor:
    """A sandbox of one's own and the official client pointed at it."""

    def __init__(self, url: str, **asked: Any) -> None:
        made = httpx.post(f"{url}/_bodydouble/sandboxes", json=asked).raise_for_status().json()
        self.path = f"{url}/_bodydouble/sandboxes/{made['id']}"
        self.server = f"{url}/leonardo/api/rest/v1"
        self.sdk: Any = self.client(made["keys"]["leonardo"])

    def client(self, key: str) -> Any:
        """The client with another key."""
        return sdk().LeonardoAiSDK(bearer_auth=key, server_url=self.server)

    def steer(self, method: str, path: str, body: Any) -> Any:
        """One request to the control plane; it must succeed."""
        return httpx.request(method, self.path + path, json=body).raise_for_status().json()

    def finish(self, generation: str) -> None:
        """Moves the clock to the end of a generation."""
        self.steer("PATCH", "/clock", {"until": {"job": generation}})

    def generation(self, id: str) -> Any:
        """A generation as the client reads it; None if there is none."""
        return whole(self.sdk.image.get_generation_by_id(id=id)).generations_by_pk


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Emulator(seed=1, strict_keys=True) as emulator:
        yield emulator.url


@pytest.fixture
def vendor(url: str) -> Vendor:
    return Vendor(url)


def whole(answer: Any, allowed: frozenset[str] | set[str] = frozenset(MOTION)) -> Any:
    """The parsed object, after a walk through it."""
    assert answer.object is not None
    lost = [path for path in unset(answer.object) if path.rpartition(".")[2] not in allowed]
    assert lost == [], lost
    return answer.object


def unset(value: Any, path: str = "$") -> Iterator[str]:
    """Every place that is `Unset`."""
    if isinstance(value, sdk(".types.basemodel").Unset):
        yield path
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            # Not by attribute: a deprecated one would warn.
            yield from unset(value.__dict__[name], f"{path}.{name}")
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from unset(part, f"{path}[{index}]")


def uploaded(vendor: Vendor) -> str:
    """An init image with its bytes, posted as the guide says: not by the client."""
    asked = vendor.sdk.init_images.upload_init_image(request={"extension": "png"})
    place = whole(asked).upload_init_image
    picture = io.BytesIO()
    Image.new("RGB", (64, 36), (200, 40, 40)).save(picture, "PNG")
    answer = httpx.post(
        place.url,
        data=json.loads(place.fields),
        files={"file": ("start.png", picture.getvalue(), "image/png")},
    )
    assert (answer.status_code, answer.content) == (204, b"")
    id: str = place.id
    return id


def test_an_uploaded_picture_becomes_a_video_that_plays(vendor: Vendor) -> None:
    answer = vendor.sdk.motion.create_image_to_video_generation(
        request={
            "prompt": "camera pushes in",
            "image_id": uploaded(vendor),
            "image_type": "UPLOADED",
        }
    )
    job = whole(answer).motion_video_generation_job
    assert (job.cost.amount, job.cost.unit) == ("0.1495", "DOLLARS")
    pending = vendor.generation(job.generation_id)
    assert (pending.status, pending.generated_images) == ("PENDING", [])
    vendor.finish(job.generation_id)
    done = vendor.generation(job.generation_id)
    assert (done.status, done.prompt) == ("COMPLETE", "camera pushes in")
    file = httpx.get(done.generated_images[0].motion_mp4_url, timeout=60)
    assert (file.status_code, file.headers["content-type"]) == (200, "video/mp4")
    with av.open(io.BytesIO(file.content), "r") as video:
        stream = video.streams.video[0]
        assert (stream.width, stream.height) == (done.image_width, done.image_height)
        assert len(list(video.decode(stream))) == stream.frames > 24


def test_a_minimal_text_to_video_is_accepted_with_the_clients_own_defaults(vendor: Vendor) -> None:
    answer = vendor.sdk.motion.create_text_to_video_generation(request={"prompt": "a dog"})
    assert json.loads(answer.raw_response.request.content)["duration"] == 8
    id = whole(answer).motion_video_generation_job.generation_id
    vendor.finish(id)
    assert vendor.generation(id).generated_images[0].motion_mp4_url.endswith(".mp4")


def test_kling_makes_its_own_length_of_the_clients_default_duration(vendor: Vendor) -> None:
    request = {"prompt": "a dog", "model": "KLING2_5"}
    answer = vendor.sdk.motion.create_text_to_video_generation(request=request)
    assert json.loads(answer.raw_response.request.content)["duration"] == 8
    job = whole(answer).motion_video_generation_job
    five = {**request, "duration": 5}
    same = whole(vendor.sdk.motion.create_text_to_video_generation(request=five))
    assert job.cost.amount == same.motion_video_generation_job.cost.amount


def test_with_the_schemas_motion_fields_nothing_at_all_is_unset(url: str) -> None:
    vendor = Vendor(url, quirks={"leonardo.motion_fields": "schema"})
    answer = vendor.sdk.motion.create_text_to_video_generation(request={"prompt": "a dog"})
    id = whole(answer, set()).motion_video_generation_job.generation_id
    vendor.finish(id)
    row = whole(vendor.sdk.image.get_generation_by_id(id=id), set()).generations_by_pk
    assert (row.generated_images[0].motion, row.generated_images[0].image_to_video) == (True, False)
    user = vendor.sdk.user.get_user_self().object.user_details[0].user.id
    assert whole(vendor.sdk.image.get_generations_by_user_id(user_id=user), set()).generations


def test_on_a_credit_plan_the_cost_is_whole_credits(url: str) -> None:
    vendor = Vendor(url, quirks={"leonardo.plan": "credits"})
    answer = vendor.sdk.motion.create_text_to_video_generation(request={"prompt": "a dog"})
    job = whole(answer).motion_video_generation_job
    assert (job.cost.amount, job.cost.unit) == ("100", "CREDITS")
    with pytest.warns(DeprecationWarning, match="DEPRECATED"):
        assert job.api_credit_cost == 100


def test_lists_deletes_and_what_is_gone(vendor: Vendor) -> None:
    made = vendor.sdk.motion.create_text_to_video_generation(request={"prompt": "a dog"})
    id = whole(made).motion_video_generation_job.generation_id
    user = whole(vendor.sdk.user.get_user_self()).user_details[0].user.id
    rows = whole(vendor.sdk.image.get_generations_by_user_id(user_id=user)).generations
    assert rows[0].id == id
    gone = whole(vendor.sdk.image.delete_generation_by_id(id=id))
    assert gone.delete_generations_by_pk.id == id
    assert vendor.generation(id) is None
    again = vendor.sdk.image.delete_generation_by_id(id=id).object
    assert again is not None
    assert again.delete_generations_by_pk is None


def test_an_init_image_is_read_and_deleted(vendor: Vendor) -> None:
    images, id = vendor.sdk.init_images, uploaded(vendor)
    assert whole(images.get_init_image_by_id(id=id)).init_images_by_pk.id == id
    assert whole(images.delete_init_image_by_id(id=id)).delete_init_images_by_pk.id == id
    assert whole(images.get_init_image_by_id(id=id)).init_images_by_pk is None


def test_me_prices_and_elements_are_whole(vendor: Vendor) -> None:
    row = whole(vendor.sdk.user.get_user_self()).user_details[0]
    assert isinstance(row.api_paid_tokens, int)
    assert row.api_concurrency_slots == 10
    request: Any = {
        "service": "MOTION_VIDEO_GENERATION",
        "service_params": {"motion_video_generation": {"resolution": "RESOLUTION_480"}},
    }
    price = whole(vendor.sdk.pricing_calculator.pricing_calculator(request=request))
    assert price.calculate_production_api_service_cost.cost == 100
    loras = whole(vendor.sdk.elements.list_elements(), {"base_model"}).loras
    assert "Dolly In" in {lora.name for lora in loras}


def test_a_variation_is_pending_then_complete(vendor: Vendor) -> None:
    made = vendor.sdk.motion.create_text_to_video_generation(request={"prompt": "a dog"})
    source = whole(made).motion_video_generation_job.generation_id
    vendor.finish(source)
    upscale = vendor.sdk.motion.create_video_upscale(
        request={"source_generation_id": source, "resolution": "RESOLUTION_720"}
    )
    job = whole(upscale).motion_video_generation_job
    read = vendor.sdk.variation.get_motion_variation_by_id
    (row,) = whole(read(id=job.variation_id)).generated_image_variation_motion
    assert (row.status, row.url) == ("PENDING", None)
    vendor.finish(job.generation_id)
    (row,) = whole(read(id=job.variation_id)).generated_image_variation_motion
    assert row.status == "COMPLETE"
    assert row.url.endswith(".mp4")


@pytest.mark.parametrize(
    ("key", "status", "text"),
    [
        (UNKNOWN, 401, "Authentication hook unauthorized this request"),
        ("not-a-key", 500, "Invalid response from authorization hook"),
    ],
)
def test_a_bad_key_is_an_error_with_status_and_body(
    vendor: Vendor, key: str, status: int, text: str
) -> None:
    with pytest.raises(sdk(".models").errors.SDKError) as raised:
        vendor.client(key).user.get_user_self()
    assert raised.value.status_code == status
    assert json.loads(raised.value.body)["error"] == text


def test_an_unknown_picture_is_an_error_and_costs_nothing(vendor: Vendor) -> None:
    before = vendor.sdk.user.get_user_self().object
    with pytest.raises(sdk(".models").errors.SDKError) as raised:
        vendor.sdk.motion.create_svd_motion_generation(request={"image_id": UNKNOWN})
    assert raised.value.status_code == 400
    assert set(json.loads(raised.value.body)) == {"error", "path", "code"}
    assert vendor.sdk.user.get_user_self().object == before


def test_the_clients_retries_get_through_a_passing_trouble(vendor: Vendor) -> None:
    trouble = {"point": "arrival", "kind": "status", "status": 503, "times": 2}
    vendor.steer("POST", "/faults", trouble)
    retries = sdk(".utils.retries")
    pauses = retries.BackoffStrategy(1, 5, 1.1, 10_000)
    quick = retries.RetryConfig("backoff", pauses, False)
    assert whole(vendor.sdk.user.get_user_self(retries=quick)).user_details
