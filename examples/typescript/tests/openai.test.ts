// OpenAI's official client at a gateway that speaks its dialect: another vendor, the same sandbox.
import OpenAI, { APIError } from "openai";
import { expect } from "vitest";
import { type Sandbox, test, url } from "../bodydouble/sandbox.ts";

const ORDER = { model: "veo_3_1" as "sora-2", prompt: "a paper boat", seconds: "4" } as const;

function clientOf(sandbox: Sandbox) {
  return new OpenAI({ apiKey: sandbox.key("infinityblue"), baseURL: `${url}/infinityblue/v1` });
}

// The client sends forms, which the gateway's program reads.
test.override({ wanted: { quirks: { "infinityblue.wire": "newapi" } } });

test("a video is created, retrieved and downloaded", async ({ sandbox, clock }) => {
  const openai = clientOf(sandbox);
  const video = await openai.videos.create(ORDER);
  expect(video.status).toBe("queued");

  await clock.untilIdle();

  expect((await openai.videos.retrieve(video.id)).status).toBe("completed");
  const film = Buffer.from(await (await openai.videos.downloadContent(video.id)).arrayBuffer());
  expect(film.toString("latin1", 4, 8)).toBe("ftyp");
});

test("an empty wallet is the client's error, with the gateway's status", async ({ sandbox }) => {
  await sandbox.wallet("infinityblue").set("0.10");

  const refused = await clientOf(sandbox).videos.create(ORDER).catch((error) => error);

  expect(refused).toBeInstanceOf(APIError);
  expect(refused.status).toBe(403);
});
