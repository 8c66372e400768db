// Runway's official Node client, unmodified, from an upload to a film that downloads. Called as
// `node client_walk.mjs URL KEY [SANDBOX]`, with BODYDOUBLE_NODE_CLIENTS naming the folder where the
// client is installed (else the current one): the API, a key, and the sandbox whose clock it moves;
// without one it waits in real time. Prints what the client read or raised, by step, as JSON.
import { createRequire } from "node:module";
import { deflateSync } from "node:zlib";

const folder = process.env.BODYDOUBLE_NODE_CLIENTS ?? process.cwd();
const [url, key, sandbox] = process.argv.slice(2);
const sdk = createRequire(`${folder}/`)("@runwayml/sdk");
const RunwayML = sdk.default ?? sdk;
const options = { apiKey: key, baseURL: url, maxRetries: 0 };
const client = new RunwayML(options);
const turbo = { model: "gen4_turbo", promptImage: "https://example.com/bunny.jpg", ratio: "1280:720", duration: 2 };
const text = { model: "gen4.5", ratio: "1280:720", duration: 2 };
const limit = { timeout: 90_000 };
const said = {};

async function take(name, work) {
  try {
    said[name] = (await work()) ?? null;
  } catch (error) {
    said[name] = { raised: error.constructor.name, message: error.message };
    if ("status" in error) Object.assign(said[name], { status: error.status, body: error.error });
    if (error.taskDetails) said[name].task = error.taskDetails;
  }
  return said[name];
}

async function passTime() {
  if (!sandbox) return;
  const headers = { "content-type": "application/json" };
  await fetch(`${sandbox}/clock`, { method: "PATCH", headers, body: JSON.stringify({ until: "idle" }) });
}

// A PNG of noise: more than the 512 bytes that an upload needs.
function picture(side = 64) {
  let state = 1;
  const rows = Buffer.alloc(side * (side * 3 + 1));
  for (let at = 0; at < rows.length; at += 1) {
    if (at % (side * 3 + 1) === 0) continue;
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    rows[at] = state >> 16;
  }
  const head = Buffer.from([0, 0, 0, side, 0, 0, 0, side, 8, 2, 0, 0, 0]);
  const chunks = [["IHDR", head], ["IDAT", deflateSync(rows)], ["IEND", Buffer.alloc(0)]].map(chunk);
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), ...chunks]);
}

function chunk([kind, data]) {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc(body));
  return Buffer.concat([size, body, sum]);
}

function crc(bytes) {
  let rest = ~0;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  }
  return ~rest >>> 0;
}

async function raw(path, headers) {
  const answer = await fetch(`${url}${path}`, { headers });
  return { status: answer.status, body: await answer.json().catch(() => null) };
}

const before = await take("organization", () => client.organization.retrieve());
const file = new File([picture()], "start.png", { type: "image/png" });
const upload = await take("upload", () => client.uploads.createEphemeral({ file }));
const image = { ...turbo, promptImage: upload.uri, promptText: "camera pushes in" };
const making = client.imageToVideo.create(image);
const made = await take("imageToVideo", () => making);
await take("pending", () => client.tasks.retrieve(made.id));
await passTime();
await take("succeeded", () => making.waitForTaskOutput(limit));
const done = await take("again", () => client.tasks.retrieve(made.id));
if (done.output) {
  const film = await fetch(done.output[0]);
  const bytes = Buffer.from(await film.arrayBuffer());
  said.film = { status: film.status, type: film.headers.get("content-type"), brand: bytes.toString("latin1", 4, 8), bytes: bytes.length };
}
const texting = client.textToVideo.create({ ...text, promptText: "a paper boat on a pond" });
await take("textToVideo", () => texting);
await passTime();
await take("textSucceeded", () => texting.waitForTaskOutput(limit));
await take("after", () => client.organization.retrieve());
said.spent = before.creditBalance - said.after.creditBalance;
await take("usage", () => client.organization.retrieveUsage());
await take("deleted", () => client.tasks.delete(made.id));
await take("afterDelete", () => client.tasks.retrieve(made.id));
await take("waitAfterDelete", () => client.tasks.retrieve(made.id).waitForTaskOutput(limit));
await take("deletedTwice", () => client.tasks.delete(made.id));

const many = (before.tier?.models?.gen4_turbo?.maxConcurrentGenerations ?? 1) + 1;
const crowd = [];
for (let at = 0; at < many; at += 1) crowd.push(await client.imageToVideo.create(turbo));
said.throttled = [];
for (const task of crowd) said.throttled.push((await client.tasks.retrieve(task.id)).status);
for (const task of crowd.reverse()) await client.tasks.delete(task.id);

const stranger = new RunwayML({ ...options, apiKey: `key_${"0".repeat(128)}` });
await take("unknownKey", () => stranger.organization.retrieve());
await take("malformedKey", () => new RunwayML({ ...options, apiKey: "not-a-key" }).organization.retrieve());
await take("oldVersion", () => new RunwayML({ ...options, runwayVersion: "2023-09-06" }).organization.retrieve());
said.noVersion = await raw("/v1/organization", { authorization: `Bearer ${key}` });
await take("unknownTask", () => client.tasks.retrieve("00000000-0000-4000-8000-000000000000"));
await take("badRatio", () => client.textToVideo.create({ ...text, ratio: "16:9", promptText: "x" }));
await take("widePrompt", () => client.textToVideo.create({ ...text, promptText: "\u{1F40E}".repeat(501) }));
const poor = { ...text, promptText: "a boat [[bodydouble: refuse=funds]]" };
await take("noFunds", () => client.textToVideo.create(poor));
const busy = { ...text, promptText: "a boat [[bodydouble: refuse=rate]]" };
await take("dailyLimit", () => client.textToVideo.create(busy));
const failing = client.textToVideo.create({ ...text, promptText: "a boat [[bodydouble: fail=moderated after=1s]]" });
await take("failing", () => failing);
await passTime();
await take("moderated", () => failing.waitForTaskOutput(limit));
let attempts = 0;
const counting = (...words) => ((attempts += 1), fetch(...words));
await take("retried", () => new RunwayML({ apiKey: key, baseURL: url, fetch: counting }).textToVideo.create(busy));
said.attempts = attempts;
console.log(JSON.stringify(said));
