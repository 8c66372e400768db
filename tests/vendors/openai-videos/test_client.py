"""OpenAI Videos through a client: plain HTTP, until the vendor's official client takes its place."""

from bodydouble.testing import Emulator


def test_a_video_is_ordered_made_and_downloaded() -> None:
    with (
        Emulator() as emulator,
        emulator.sandbox() as sandbox,
        sandbox.vendor("openai-videos").client() as client,
    ):
        order = {"model": "openai-videos-1", "prompt": "a paper boat", "duration": 1}
        made = client.post("/videos", json=order)
        assert made.status_code == 201, made.text
        sandbox.clock.advance("10m")
        video = client.get(f"/videos/{made.json()['id']}").json()
        assert video["status"] == "completed"
        film = client.get(video["url"], timeout=60)
        assert film.content[4:8] == b"ftyp"
