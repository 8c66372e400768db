"""Section 4 of the sheet: what is read of a create body, and what a provider gets to see of it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json

from tests.contracts.third_party.gateway.orders import NO_MODEL
from tests.contracts.third_party.gateway.program import BODY_MAX
from tests.contracts.third_party.gateway_rows.caller import (
    DOUBAO,
    KLING,
    PATHS,
    SORA,
    VEO,
    Caller,
    Json,
    error,
    refusal,
)
from tests.contracts.third_party.gateway_rows.sheet import row

DOUBLED = "Invalid request: Invalid request: "
INTO = "Go struct field .Alias."


def said(text: str) -> dict[str, str]:
    return {"code": "", "message": text}


@row("4.1")
def no_model(c: Caller) -> None:
    asked = '{"model":"kling-v2-5-turbo","prompt":"a fox"}'
    bodies = ["", "{}", "[1]", "null", '{"prompt":"a fox"}', '{"model":null,"prompt":"a fox"}',
              '{"model":"","prompt":"a fox"}', asked.replace("model", "Model")]  # fmt: skip
    replies = [c.raw(b) for b in bodies] + [c.raw(asked, "text/plain"), c.raw(asked, "")]
    assert [error(r, 400) for r in replies] == [said(NO_MODEL)] * len(replies)


@row("4.2")
def no_json(c: Caller) -> None:
    assert error(c.raw("{nope"), 400) == said(DOUBLED + "invalid JSON request body")


@row("4.3")
def model_no_text(c: Caller) -> None:
    assert error(c.raw('{"model":5}'), 400) == said(DOUBLED + "field model must be a string")


@row("4.4")
def two_models(c: Caller) -> None:
    assert c.raw('{"model":"kling-v2-5-turbo","model":"nope","prompt":"a"}').status_code == 200
    reply = c.raw('{"model":"nope","model":"kling-v2-5-turbo","prompt":"a"}')
    assert error(reply, 503)["code"] == "model_not_found"


@row("4.5")
def broken_multipart(c: Caller) -> None:
    reply = c.raw("nothing of the kind", "multipart/form-data; boundary=x")
    assert error(reply, 400) == said(DOUBLED + "multipart: NextPart: EOF")


@row("4.6")
def over_the_cap(c: Caller) -> None:
    assert BODY_MAX == 128 * 1024 * 1024
    c.gateway.body_max = 1024 * 1024
    text = DOUBLED + "request body exceeds 1 MB: request body too large"
    assert error(c.raw(b" " * (c.gateway.body_max + 1)), 400) == said(text)


@row("4.7")
def unknown_model(c: Caller) -> None:
    for model in ("nope", " "):
        text = f"No available channel for model {model} under group default (distributor)"
        told = {"code": "model_not_found", "message": text}
        assert error(c.create(model), 503) == told


@row("4.8")
def encodings(c: Caller) -> None:
    body = {"model": KLING, "prompt": "a fox"}
    for path in PATHS:
        assert c.ask("POST", path, data=body).status_code == 200
        files = {name: (None, value) for name, value in body.items()}
        assert c.ask("POST", path, files=files).status_code == 200
        heads = {"Content-Type": "application/json; charset=utf-8"}
        text = json.dumps(body).encode()
        assert c.ask("POST", path, head=heads, content=text).status_code == 200
        heads["Content-Encoding"] = "gzip"
        assert c.ask("POST", path, head=heads, content=gzip.compress(text)).status_code == 200


@row("4.9")
def prompt_required(c: Caller) -> None:
    for model in (KLING, VEO, DOUBAO, SORA):
        for prompt in ("", "  ", None):
            told = refusal(c.create(model, prompt=prompt), 400)
            assert told == ("invalid_request", "prompt is required")
        reply = c.raw(json.dumps({"model": model}))
        assert refusal(reply, 400) == ("invalid_request", "prompt is required")


@row("4.10")
def numbers_for_texts(c: Caller) -> None:
    for name in ("prompt", "seconds", "size", "image"):
        text = f"json: cannot unmarshal number into {INTO}{name} of type string"
        body: Json = {name: 5}
        assert refusal(c.create(**body), 400) == ("invalid_request", text)


@row("4.11")
def images_text(c: Caller) -> None:
    text = f"json: cannot unmarshal string into {INTO}images of type []string"
    assert refusal(c.create(images="x"), 400) == ("invalid_request", text)


@row("4.12")
def out_of_bounds(c: Caller) -> None:
    told = ("invalid_seconds", "seconds must be between 1 and 3600")
    bodies: list[Json] = [
        {"duration": -1}, {"duration": 3601}, {"seconds": "-3"}, {"seconds": "9999"},
    ]  # fmt: skip
    for body in bodies:
        assert refusal(c.create(**body), 400) == told


@row("4.13")
def not_given(c: Caller) -> None:
    values = ("0", "5.5", '"5.5"', '"abc"', "null", "true", "[5]", "1e400")
    bodies = [f'"duration":{v}' for v in values] + ['"seconds":"0"', '"seconds":"abc"']
    for member in bodies:
        reply = c.raw(f'{{"model":"{KLING}","prompt":"a fox",{member}}}')
        assert reply.status_code == 200, member
        assert c.sent.json["duration"] == "5"
    for model, seconds in ((SORA, 4), (VEO, 8)):
        told = c.create(model, duration=0, seconds="0").headers["x-new-api-other-ratios"]
        assert json.loads(told)["seconds"] == seconds


@row("4.14")
def ignored_bag(c: Caller) -> None:
    for bag in ("no JSON", [1, 2]):
        assert c.create(metadata=bag).status_code == 200
        assert c.sent.json["aspect_ratio"] == "1:1"


@row("4.15")
def wrong_type_in_the_bag(c: Caller) -> None:
    before = c.key.left
    doubled = "unmarshal metadata failed: unmarshal metadata failed: "
    text = "json: cannot unmarshal string into Go struct field requestPayload.cfg_scale"
    told = refusal(c.create(metadata={"cfg_scale": "x"}), 500)
    assert told == ("build_request_failed", f"{doubled}{text} of type float64")
    assert c.key.left == before


@row("4.16")
def left_to_the_provider(c: Caller) -> None:
    bodies: list[Json] = [
        {"image": "nope"}, {"duration": 99}, {"metadata": {"aspect_ratio": "4:3"}},
        {"width": "wide"}, {"n": 2}, {"nobody": "knows"},
    ]  # fmt: skip
    assert [c.create(**b).status_code for b in bodies] == [200] * len(bodies)
    c.answering("kling.example", {"code": 1201, "message": "aspect_ratio is invalid"})
    told = refusal(c.create(metadata={"aspect_ratio": "4:3"}), 400)
    assert told == ("task_failed", "aspect_ratio is invalid")


@row("4.17")
def code_of_the_sora_kind(c: Caller) -> None:
    for model in (SORA, "openai-video"):
        text = f"json: cannot unmarshal number into {INTO}seconds of type string"
        assert refusal(c.create(model, seconds=5), 400) == ("invalid_json", text)


@row("4.18")
def kling_documented(c: Caller) -> None:
    c.create(duration=5, width=1280, height=720, fps=30, seed=7, n=1)
    assert c.sent.json == {
        "prompt": "a fox", "mode": "std", "duration": "5", "aspect_ratio": "1:1",
        "model_name": KLING, "model": KLING, "cfg_scale": 0.5,
    }  # fmt: skip
    assert c.sent.path == "/v1/videos/text2video"


@row("4.19")
def kling_size(c: Caller) -> None:
    c.create(size="1280x720")
    assert c.sent.json["aspect_ratio"] == "16:9"


@row("4.20")
def kling_seconds(c: Caller) -> None:
    c.create(seconds="8")
    assert c.sent.json["duration"] == "5"


@row("4.21")
def kling_seconds_of_a_form(c: Caller) -> None:
    files = {"model": (None, KLING), "prompt": (None, "a fox"), "seconds": (None, "4")}
    assert c.ask("POST", PATHS[1], files=files).status_code == 200
    assert c.sent.json["duration"] == "4"


@row("4.22")
def kling_image(c: Caller) -> None:
    task = c.task(image="https://pictures.example/a.png")
    assert c.sent.path == "/v1/videos/image2video"
    assert c.sent.json["image"] == "https://pictures.example/a.png"
    assert c.poll(task)["action"] == "generate"


@row("4.23")
def kling_images(c: Caller) -> None:
    for body in ({"images": ["https://pictures.example/a.png"]}, {"input_reference": "x"}):
        task = c.task(**body)
        assert c.sent.path == "/v1/videos/text2video"
        assert not {"image", *body} & c.sent.json.keys()
        assert c.poll(task)["action"] == "textGenerate"


@row("4.24")
def kling_bag(c: Caller) -> None:
    bag = {"aspect_ratio": "9:16", "duration": "10", "negative_prompt": "blur",
           "callback_url": "https://me.example"}  # fmt: skip
    c.create(duration=5, size="1280x720", metadata={**bag, "model": "evil"})
    assert bag.items() <= c.sent.json.items()
    assert c.sent.json["model"] == KLING


@row("4.25")
def kling_headers(c: Caller) -> None:
    c.create()
    assert c.sent.headers["User-Agent"] == "kling-sdk/1.0"
    word, _, token = c.sent.headers["Authorization"].partition(" ")
    head, claims, mac = token.split(".")
    assert word == "Bearer"
    assert read(head)["alg"] == "HS256"
    at = int(c.clock)
    assert read(claims) == {"iss": "access-key", "exp": at + 1800, "nbf": at - 5}
    wanted = hmac.new(b"channel-secret", f"{head}.{claims}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(mac + "=") == wanted


def read(part: str) -> Json:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@row("4.26")
def veo_sent(c: Caller) -> None:
    reply = c.create(VEO)
    plain = {"instances": [{"prompt": "a fox"}], "parameters": {"sampleCount": 1}}
    assert c.sent.json == plain
    assert json.loads(reply.headers["x-new-api-other-ratios"])["seconds"] == 8
    assert c.sent.headers["X-Goog-Api-Key"] == "channel-secret"
    c.create(VEO, duration=4)
    assert c.sent.json["parameters"]["durationSeconds"] == 4
    reply = c.create(VEO, seconds="6")
    assert json.loads(reply.headers["x-new-api-other-ratios"])["seconds"] == 6
    assert c.sent.json == plain
    c.create(VEO, size="1920x1080")
    wanted = {"sampleCount": 1, "resolution": "1080p", "aspectRatio": "16:9"}
    assert c.sent.json["parameters"] == wanted


@row("4.27")
def doubao_sent(c: Caller) -> None:
    task = c.task(DOUBAO, duration=5, size="1280x720", metadata={"ratio": "16:9"})
    content = [{"type": "text", "text": "a fox"}]
    assert c.sent.json == {"model": DOUBAO, "content": content, "ratio": "16:9"}
    assert c.poll(task)["action"] == "generate"


@row("4.28")
def sora_sent(c: Caller) -> None:
    c.create(SORA, seconds="8", nobody="knows")
    model = "sora-2-2025-12-08"
    assert c.sent.json == {"model": model, "prompt": "a fox", "seconds": "8", "nobody": "knows"}
    files = {"model": (None, SORA), "prompt": (None, "a fox"),
             "input_reference": ("a.png", b"\x89PNG\r\n\x1a\n", "image/png")}  # fmt: skip
    assert c.ask("POST", PATHS[1], files=files).status_code == 200
    assert c.sent.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert model.encode() in c.sent.body
    assert b"\x89PNG\r\n\x1a\n" in c.sent.body
    assert b'filename="a.png"' in c.sent.body
