// OpenAI's official Node client, unmodified, at its videos. Called as `node client_walk.mjs URL KEY
// SANDBOX`, with BODYDOUBLE_NODE_CLIENTS naming the folder where it is installed. Prints what it read
// or raised, by step, as JSON; it asserts nothing.
import { createServer } from "node:http";
import { createRequire } from "node:module";

const [url, key, sandbox] = process.argv.slice(2);
const sdk = createRequire(`${process.env.BODYDOUBLE_NODE_CLIENTS}/`)("openai");
const OpenAI = sdk.default ?? sdk;
const options = { baseURL: url, maxRetries: 0 };
const client = new OpenAI({ apiKey: key, ...options });
const order = { model: "sora-2", seconds: "4", size: "1280x720" };
const said = { node: process.version };

async function take(name, work) {
  try {
    said[name] = (await work()) ?? null;
  } catch (error) {
    const { status, code, param, message } = error;
    said[name] = { raised: error.constructor.name, status, code, param, message };
  }
  return said[name];
}

async function passTime() {
  const body = JSON.stringify({ until: "idle" });
  await fetch(`${sandbox}/clock`, { method: "PATCH", body, headers: { "content-type": "application/json" } });
}

async function head(id, variant) {
  const file = await client.videos.downloadContent(id, { variant });
  const data = Buffer.from(await file.arrayBuffer());
  return { type: file.headers.get("content-type"), head: data.subarray(0, 12).toString("hex") };
}

// First: the verifier asks this machine's clock, and the sandbox's is moved ahead of it.
const got = [];
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    got.push({ headers: request.headers, body });
    response.end();
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const address = `http://127.0.0.1:${server.address().port}/`;
const hook = await client.webhooks.create({ name: "mine", url: address, event_types: ["video.completed"] });
const told = await client.videos.create({ prompt: "x", ...order });
await passTime();
const secret = hook.signing_secret;
await take("event", () => client.webhooks.unwrap(got[0].body, got[0].headers, secret));
await take("altered", () => client.webhooks.unwrap(got[0].body.replace("video", "vide0"), got[0].headers, secret));
said.told = told.id;
await take("hookDeleted", () => client.webhooks.delete(hook.id));
server.close();

const made = await take("create", () => client.videos.create({ prompt: "a paper boat", ...order }));
await take("deleteRunning", () => client.videos.delete(made.id));
await passTime();
const done = await take("retrieve", () => client.videos.retrieve(made.id));
for (const variant of ["video", "thumbnail", "spritesheet"]) await take(variant, () => head(done.id, variant));
const film = () => sdk.toFile(Buffer.from("0000001866747970 6d703432".replace(" ", ""), "hex"), "a.mp4", { type: "video/mp4" });
await take("remix", () => client.videos.remix(done.id, { prompt: "again" }));
await take("edit", async () => client.videos.edit({ prompt: "rain", video: await film() }));
await take("editById", () => client.videos.edit({ prompt: "rain", video: { id: done.id } }));
await take("extend", () => client.videos.extend({ prompt: "on", seconds: "8", video: { id: done.id } }));
const character = await take("character", async () => client.videos.createCharacter({ name: "Mossy", video: await film() }));
await take("characterAgain", () => client.videos.getCharacter(character.id));
await take("withUrl", () =>
  client.videos.create({ prompt: "it moves", ...order, input_reference: { image_url: "https://example.com/boat.png" } }));
await take("list", async () => {
  const ids = [];
  for await (const video of client.videos.list({ limit: 2 })) ids.push(video.id);
  return ids;
});
for (const word of ["funds", "rate", "moderated"]) {
  await take(word, () => client.videos.create({ prompt: `x [[bodydouble: refuse=${word}]]`, ...order }));
}
const failing = await client.videos.create({ prompt: "x [[bodydouble: fail=moderated after=1s]]", ...order });
await passTime();
await take("failed", () => client.videos.retrieve(failing.id));
const stranger = new OpenAI({ apiKey: "sk-nobody-issued-this-key", ...options });
await take("stranger", () => stranger.videos.list());

await take("delete", () => client.videos.delete(done.id));
await take("afterDelete", () => client.videos.retrieve(done.id));
console.log(JSON.stringify(said));
