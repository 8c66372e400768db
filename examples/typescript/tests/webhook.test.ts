// A webhook of SmartlyQ's, by plain fetch: the server takes what is sent to the inbox itself, so a test
// reads what a receiver would have got, and whether its signature is right.
import { expect } from "vitest";
import { test, url } from "../bodydouble/sandbox.ts";

test("the end of a job is announced, signed", async ({ sandbox, clock }) => {
  const headers = {
    authorization: `Bearer ${sandbox.key("smartlyq")}`,
    "content-type": "application/json",
  };
  const post = (path: string, body: object) =>
    fetch(`${url}/smartlyq/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  await post("/webhooks", { url: "https://inbox.example/films", events: ["job.completed"] });
  await post("/videos/generate", {
    model: "kling-v2-1",
    type: "text_to_video",
    prompt: "a paper boat",
  });

  await clock.advance("90s");

  const told = { event: "job.completed", status: "delivered", signature: "valid" };
  expect(await sandbox.deliveries()).toMatchObject([told]);
});
