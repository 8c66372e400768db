// fal's official Node client, unmodified, from a submission to a film that downloads. Called as
// `node client_walk.mjs URL KEY SANDBOX HOOK`, with BODYDOUBLE_NODE_CLIENTS naming the folder where
// the client is installed (else the current one): the API, a key, the sandbox whose clock it moves,
// and an address that takes webhooks. Prints what the client read or raised, by step, as JSON.
import { createRequire } from "node:module";

const folder = process.env.BODYDOUBLE_NODE_CLIENTS ?? process.cwd();
const [base, key, sandbox, hook] = process.argv.slice(2);
const { createFalClient } = createRequire(`${folder}/`)("@fal-ai/client");
const hosts = { "https://queue.fal.run": base, "https://fal.run": `${base}/run` };
// The client's hosts are fixed; what it offers for another is a middleware that changes the address.
const requestMiddleware = async (request) => {
  const host = Object.keys(hosts).find((one) => request.url.startsWith(`${one}/`));
  return { ...request, url: hosts[host] + request.url.slice(host.length) };
};
const config = { credentials: key, requestMiddleware };
const fal = createFalClient(config);
const hasty = createFalClient({ ...config, retry: { maxRetries: 0 } });
const kling = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video";
const veo = "fal-ai/veo3.1";
const boat = { prompt: "a paper boat on a pond" };
const said = {};

async function take(name, work) {
  try {
    said[name] = (await work()) ?? null;
  } catch (error) {
    said[name] = { raised: error.constructor.name, message: error.message };
    if ("status" in error) Object.assign(said[name], { status: error.status, body: error.body });
    if (error.requestId) said[name].requestId = error.requestId;
  }
  return said[name];
}

async function clock(how) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${sandbox}/clock`, { method: "PATCH", headers, body: JSON.stringify(how) });
  if (!answer.ok) throw new Error(await answer.text());
}

const made = await take("submitted", () => fal.queue.submit(kling, { input: boat, webhookUrl: hook }));
const requestId = made.request_id;
await take("queued", () => fal.queue.status(kling, { requestId, logs: true }));
await clock({ until: "next-event" });
await take("running", () => fal.queue.status(kling, { requestId, logs: true }));
await clock({ until: "idle" });
await take("completed", () => fal.queue.status(kling, { requestId, logs: true }));
const done = await take("result", () => fal.queue.result(kling, { requestId }));
const film = await fetch(done.data.video.url);
const bytes = Buffer.from(await film.arrayBuffer());
said.film = { status: film.status, type: film.headers.get("content-type"), brand: bytes.toString("latin1", 4, 8) };
await take("lateCancel", () => fal.queue.cancel(kling, { requestId }));

// Time flies while the client waits by itself: by its stream, by polling, and for the one reply.
await clock({ rate: 60 });
for (const mode of ["streaming", "polling"]) {
  const updates = [];
  const onQueueUpdate = (update) => updates.at(-1) === update.status || updates.push(update.status);
  const options = { input: boat, mode, logs: true, pollInterval: 20, onQueueUpdate };
  await take(mode, async () => ({ ...(await fal.subscribe(veo, options)), updates }));
}
await take("ran", () => fal.run(kling, { input: boat }));
await clock({ rate: 0 });

const waiting = await fal.queue.submit(kling, { input: boat });
await take("canceled", () => fal.queue.cancel(kling, { requestId: waiting.request_id }));
await take("canceledStatus", () => fal.queue.status(kling, { requestId: waiting.request_id }));
await take("canceledResult", () => fal.queue.result(kling, { requestId: waiting.request_id }));

const crowd = [];
for (let at = 0; at < 3; at += 1) crowd.push(await fal.queue.submit(veo, { input: boat }));
await clock({ advance: "5s" });
said.crowd = [];
for (const one of crowd) said.crowd.push((await fal.queue.status(veo, { requestId: one.request_id })).status);
await take("tooMany", () => hasty.run(veo, { input: boat }));
await clock({ until: "idle" });

const stranger = createFalClient({ ...config, credentials: `00000000-0000-4000-8000-000000000000:${"0".repeat(32)}` });
await take("unknownKey", () => stranger.queue.submit(veo, { input: boat }));
await take("malformedKey", () => createFalClient({ ...config, credentials: "no-key" }).queue.submit(veo, { input: boat }));
await take("unknownApp", () => fal.queue.submit("fal-ai/sora-9", { input: boat }));
await take("unknownRequest", () => fal.queue.result(veo, { requestId: "00000000-0000-4000-8000-000000000000" }));
await take("noFunds", () => fal.queue.submit(veo, { input: { prompt: "a boat [[bodydouble: refuse=funds]]" } }));
await take("badRun", () => fal.run(veo, { input: { ...boat, duration: "7s" } }));
const failing = {
  invalid: { ...boat, duration: "7s" },
  moderated: { prompt: "a boat [[bodydouble: fail=moderated after=1s]]" },
};
for (const [name, input] of Object.entries(failing)) {
  const { request_id } = await fal.queue.submit(veo, { input });
  await clock({ until: "idle" });
  await take(name, () => fal.queue.result(veo, { requestId: request_id }));
}
console.log(JSON.stringify(said));
