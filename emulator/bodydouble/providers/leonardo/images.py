"""Pictures a video may start from: the three every account is born with, earlier results, uploads.

An image is found by its own id alone; what is foreign, forgotten, unfinished or was never really
uploaded cannot be reached. It says nothing itself but the vendor's refusals of an image id.
"""

from __future__ import annotations

from dataclasses import dataclass

from bodydouble.core.account_view import AccountView
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.media.plan import Picture
from bodydouble.providers.leonardo.errors import invalid
from bodydouble.providers.leonardo.variables import is_uuid

SEEDED_COUNT = 3
SEEDED_SIDE = 1024


@dataclass(frozen=True, slots=True)
class Still:
    """A picture that can be reached, and its size in pixels."""

    picture: Picture
    width: int
    height: int


def seeded_ids(view: AccountView) -> list[str]:
    """Ids of the images this account owns from the start."""
    return [view.draw("image", index).uuid4() for index in range(SEEDED_COUNT)]


def seeded_generation_id(view: AccountView) -> str:
    """Id of the generation those images came from."""
    return view.draw("seeded generation").uuid6(view.account.opened_at_us)


async def find_still(view: AccountView, id: str, kind: str) -> Still:
    """The picture ``id`` names; ``kind`` is GENERATED or UPLOADED.

    Refused(INVALID): `invalid init image id`, `couldn't access image` (A9).
    """
    if not is_uuid(id):
        raise invalid("invalid init image id")
    still = await (_uploaded if kind == "UPLOADED" else _generated)(view, id.lower())
    if still is None:
        raise invalid("couldn't access image")
    return still


async def find_any_still(view: AccountView, id: str) -> Still:
    """The picture ``id`` names, wherever it is from: for the seed page's field ``image``."""
    if not is_uuid(id):
        raise invalid("invalid init image id")
    still = await _uploaded(view, id.lower()) or await _generated(view, id.lower())
    if still is None:
        raise invalid("couldn't access image")
    return still


async def _uploaded(view: AccountView, id: str) -> Still | None:
    upload = await view.upload(id)
    if upload is None or not upload.blob or not upload.width:
        return None
    return Still(Picture("blob", upload.blob), upload.width, upload.height)


async def _generated(view: AccountView, id: str) -> Still | None:
    if id in seeded_ids(view):
        return Still(Picture("seeded", id), SEEDED_SIDE, SEEDED_SIDE)
    job = await view.job(id)
    if job is None or id not in image_ids(job):
        return None
    if job.state is not State.SUCCEEDED or job.deleted_at_us is not None:
        return None
    made = job.submission
    # The still of a video is no picture of its own: what it started from stands for it.
    return Still(made.first_frame or Picture("seeded", id), made.width, made.height)


def image_ids(job: Job) -> list[str]:
    """Ids of a job's images: one of a video, one or more of an image generation."""
    return [id for kind, id in job.submission.names.items() if kind.startswith("image")]
