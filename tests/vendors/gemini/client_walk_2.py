"""Google's Python client, google-genai 2.x, unmodified: predictions (Veo) and what is handed over.

Called as `client_walk_2.py URL KEY SANDBOX`: where the vendor is mounted, a key, the sandbox's
control plane, whose clock it moves. Prints what the client read or raised, by step, as JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from google import genai
from google.genai import types

URL, KEY, SANDBOX = sys.argv[1:4]
MODEL = "veo-3.1-fast-generate-preview"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
said: dict[str, Any] = {}


def made(key: str = KEY, version: str | None = None) -> Any:
    return genai.Client(api_key=key, http_options={"base_url": URL, "api_version": version})


def take(name: str, work: Callable[[], Any]) -> Any:
    try:
        said[name] = work()
    except Exception as error:
        status = getattr(error, "code", None) or getattr(error, "status_code", None)
        body = getattr(error, "details", None) or getattr(error, "body", None) or str(error)
        said[name] = {"raised": type(error).__name__, "status": status, "body": body}
    return said[name]


def control(path: str, **body: Any) -> None:
    data, headers = json.dumps(body).encode(), {"content-type": "application/json"}
    where = f"{SANDBOX}/{path}".rstrip("/")
    urlopen(Request(where, data, headers, method="PATCH"), timeout=60).read()


client = made()
other = made(version="v1")


def order(prompt: str = "a paper boat", image: Any = None, **more: Any) -> Any:
    source = types.GenerateVideosSource(prompt=prompt, image=image)
    config = types.GenerateVideosConfig(**{"duration_seconds": 4, "aspect_ratio": "9:16", **more})
    return client.models.generate_videos(model=MODEL, source=source, config=config)


def shown(one: Any) -> dict[str, Any]:
    response = one.response
    videos = response.generated_videos if response else None
    return {
        "name": one.name,
        "done": one.done,
        "error": one.error,
        "uri": videos[0].video.uri if videos else None,
        "filtered": response.rai_media_filtered_count if response else None,
        "reasons": response.rai_media_filtered_reasons if response else None,
    }


def film(data: bytes) -> str:
    return data[4:8].decode("latin-1")


first = order(negative_prompt="rain", person_generation="allow_all", resolution="720p")
take("created", lambda: shown(first))
take("polled", lambda: shown(client.operations.get(first)))
control("clock", until="idle")
done = client.operations.get(first)
take("done", lambda: shown(done))
video = done.response.generated_videos[0]


def downloaded() -> str:
    client.files.download(file=video)
    path = Path(tempfile.mkdtemp()) / "film.mp4"
    video.video.save(str(path))
    return film(path.read_bytes())


take("film", downloaded)
take("film_by_uri", lambda: film(client.files.download(file=video.video.uri)))
file = video.video.uri.split("/files/")[1].split(":")[0]
real = f"https://generativelanguage.googleapis.com/v1beta/files/{file}:download?alt=media"
take("film_by_real_uri", lambda: film(client.files.download(file=real)))
take("file", lambda: client.files.get(name=file).model_dump(mode="json", exclude_none=True))
take("files", lambda: [one.name for one in client.files.list()])
take("models", lambda: [one.name for one in client.models.list()])
take("version", lambda: shown(other.operations.get(first)))
picture = types.Image(image_bytes=PNG, mime_type="image/png")
take("with_image", lambda: shown(order(image=picture, last_frame=picture)))
control("clock", until="idle")
refused = order("x [[bodydouble: fail=moderated:likeness]]")
broken = order("x [[bodydouble: fail=provider_error]]")
control("clock", until="idle")
take("moderated", lambda: shown(client.operations.get(refused)))
take("failed", lambda: shown(client.operations.get(broken)))
path = Path(tempfile.mkdtemp()) / "start.png"
path.write_bytes(PNG)
upload = types.UploadFileConfig(display_name="A picture", mime_type="image/png")
sent = client.files.upload(file=str(path), config=upload)
take("sent", lambda: client.files.get(name=sent.name).model_dump(mode="json", exclude_none=True))
take("deleted", lambda: client.files.delete(name=file) is not None)
take("deleted_read", lambda: client.files.get(name=file))

omni = client.interactions.create(
    model="gemini-omni-1.1-flash",
    input="a paper boat",
    background=True,
    response_format={"type": "video", "duration": "3s", "delivery": "uri"},
)
control("clock", until="idle")
seen = client.interactions.get(omni.id)
take("omni", lambda: {"status": seen.status, "uri": seen.output_video.uri})
take("omni_film", lambda: film(client.files.download(file=seen.output_video.uri)))

stranger, nobody = made("AIza" + "0" * 35), made("nope")
take("unknown_key", lambda: stranger.operations.get(first))
take("malformed_key", lambda: nobody.operations.get(first))
name = f"models/{MODEL}/operations/nothing"
nothing = types.GenerateVideosOperation(name=name)
take("unknown_operation", lambda: client.operations.get(nothing))
take(
    "unknown_model", lambda: client.models.generate_videos(model="veo-none", source={"prompt": "x"})
)
take("bad_duration", lambda: order(duration_seconds=9))
take("refused", lambda: order("x [[bodydouble: refuse=moderated]]"))
take("no_money", lambda: order("x [[bodydouble: refuse=funds]]"))
take("too_many", lambda: order("x [[bodydouble: refuse=rate]]"))
sys.stdout.write(json.dumps(said, default=str))
