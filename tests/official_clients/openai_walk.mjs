// OpenAI's official Node client, unmodified, ordering videos. Called as `node openai_walk.mjs URL KEY
// LIVE POLLED`, with BODYDOUBLE_NODE_CLIENTS naming the folder where it is installed. Prints what it
// read or raised, by step, as JSON; it asserts nothing.
import { createRequire } from "node:module";
import { deflateSync, crc32 } from "node:zlib";

const [url, key, live, polled] = process.argv.slice(2);
const sdk = createRequire(`${process.env.BODYDOUBLE_NODE_CLIENTS}/`)("openai");
const OpenAI = sdk.default ?? sdk;
const options = { baseURL: url, maxRetries: 0 };
const client = new OpenAI({ apiKey: key, ...options });
const prompt = "a paper boat";
const said = { node: process.version };

async function take(name, work) {
  try {
    said[name] = (await work()) ?? null;
  } catch (error) {
    if (!("status" in error)) throw error;
    const hint = error.headers?.get?.("x-bodydouble-hint") ?? "";
    said[name] = { raised: error.constructor.name, status: error.status, body: error.error, hint };
  }
  return said[name];
}

// This client has no method that waits, so it is asked until the video has ended.
async function finished(body) {
  let video = await client.videos.create(body);
  for (let turn = 0; turn < 400 && !["completed", "failed"].includes(video.status); turn += 1) {
    await new Promise((done) => setTimeout(done, 50));
    video = await client.videos.retrieve(video.id);
  }
  return video;
}

function picture() {
  const rows = Buffer.concat(Array(36).fill(Buffer.concat([Buffer.from([0]), Buffer.alloc(192, 255)])));
  const head = Buffer.from([0, 0, 0, 64, 0, 0, 0, 36, 8, 2, 0, 0, 0]);
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const length = Buffer.alloc(4), check = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

await take("create", () => client.videos.create({ model: polled, prompt, seconds: "4", size: "1280x720" }));
const done = await take("finished", () => finished({ model: live, prompt, seconds: "4", size: "1280x720" }));
if (done.id) {
  await take("retrieve", () => client.videos.retrieve(done.id));
  const film = Buffer.from(await (await client.videos.downloadContent(done.id)).arrayBuffer());
  said.film = { bytes: film.length, brand: film.subarray(4, 8).toString("latin1") };
  await take("remix", () => client.videos.remix(done.id, { prompt: "again" }));
  await take("delete", () => client.videos.delete(done.id));
}
const file = await sdk.toFile(picture(), "boat.png", { type: "image/png" });
await take("withPicture", () =>
  finished({ model: live, prompt, seconds: "4", input_reference: file }));
await take("list", async () => (await client.videos.list()).data);
await take("remixUnknown", () => client.videos.remix("task_none", { prompt: "again" }));
await take("noModel", () => client.videos.create({ model: "sora-99", prompt }));
const stranger = new OpenAI({ apiKey: "sk-nobody-issued-this", ...options });
await take("stranger", () => stranger.videos.create({ model: live, prompt }));
console.log(JSON.stringify(said));
