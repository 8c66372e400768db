// Runway's official client, unmodified: an order becomes a film, and what goes wrong is its own errors.
import RunwayML, { BadRequestError, TaskFailedError } from "@runwayml/sdk";
import { expect } from "vitest";
import { type Sandbox, test, url } from "../bodydouble/sandbox.ts";

const ORDER = { model: "gen4.5", promptText: "a paper boat", ratio: "1280:720", duration: 2 } as const;

function clientOf(sandbox: Sandbox) {
  return new RunwayML({ apiKey: sandbox.key("runway"), baseURL: `${url}/runway` });
}

test("an order becomes a film", async ({ sandbox, clock }) => {
  const runway = clientOf(sandbox);
  const { id } = await runway.textToVideo.create(ORDER);
  expect((await runway.tasks.retrieve(id)).status).toBe("PENDING");

  await clock.advance("90s");

  const { output } = await runway.tasks.retrieve(id).waitForTaskOutput();
  const film = Buffer.from(await (await fetch(output[0])).arrayBuffer());
  expect(film.toString("latin1", 4, 8)).toBe("ftyp"); // an MP4 that plays
});

test("an empty wallet refuses, and nothing is ordered", async ({ sandbox }) => {
  const wallet = sandbox.wallet("runway");
  await wallet.set("1");

  const refused = clientOf(sandbox).textToVideo.create(ORDER);

  await expect(refused).rejects.toThrow(BadRequestError);
  await expect(refused).rejects.toThrow("You do not have enough credits");
  expect(await wallet.balance()).toBe("1");
});

test("a 429 is tried again and paid once", async ({ sandbox, faults }) => {
  const wallet = sandbox.wallet("runway");
  await wallet.set("100");
  await faults.arm({ point: "arrival", kind: "status", status: 429, times: 1 });

  await clientOf(sandbox).textToVideo.create(ORDER);

  const requests = await sandbox.requests(); // newest first
  expect(requests.map((one) => one.status)).toEqual([200, 429]);
  expect(await wallet.balance()).toBe("76");
});

test("what moderation stops is the client's own error", async ({ sandbox, clock }) => {
  const runway = clientOf(sandbox);
  const promptText = "a boat [[bodydouble: fail=moderated after=1s]]";
  const { id } = await runway.textToVideo.create({ ...ORDER, promptText });

  await clock.untilJob(id);

  const failed = await runway.tasks.retrieve(id).waitForTaskOutput().catch((error) => error);
  expect(failed).toBeInstanceOf(TaskFailedError);
  expect(failed.taskDetails.failureCode).toBe("SAFETY.INPUT.TEXT");
});
