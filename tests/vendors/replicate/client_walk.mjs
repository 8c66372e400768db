// Replicate's official Node client, unmodified, from a prediction to a film that downloads. Called as
// `node client_walk.mjs URL KEY SANDBOX`, with BODYDOUBLE_NODE_CLIENTS naming the folder where the
// client is installed: the API with `/v1`, a key, and the sandbox whose clock it moves. Prints what
// the client read or raised, by step, as JSON.
import { createRequire } from "node:module";
import { createServer } from "node:http";

const [url, key, sandbox] = process.argv.slice(2);
const Replicate = createRequire(`${process.env.BODYDOUBLE_NODE_CLIENTS}/`)("replicate");
const client = new Replicate({ auth: key, baseUrl: url });
const model = "bytedance/seedance-1-pro";
const input = { prompt: "a paper boat", duration: 2, resolution: "480p", aspect_ratio: "1:1" };
const said = {};

async function take(name, work) {
  try {
    said[name] = (await work()) ?? null;
  } catch (error) {
    said[name] = { raised: error.name, message: error.message };
    if (error.response) said[name].status = error.response.status;
  }
  return said[name];
}

async function clock(body) {
  const headers = { "content-type": "application/json" };
  await fetch(`${sandbox}/clock`, { method: "PATCH", headers, body: JSON.stringify(body) });
}

const order = (prompt, more = {}) => client.predictions.create({ model, input: { ...input, prompt }, ...more });

await take("account", () => client.accounts.current());
await take("model", () => client.models.get("google", "veo-3.1"));
await take("deployments", () => client.deployments.list());
await take("onDeployment", () => client.deployments.predictions.create("acme", "my-app-video-generator", { input }));
const made = await take("starting", () => order("a paper boat"));
await clock({ advance: "10s" });
await take("processing", () => client.predictions.get(made.id));
said.progress = Replicate.parseProgressFromLogs(said.processing);
await clock({ until: "idle" });
const done = await take("succeeded", () => client.wait(made, { interval: 20 }));
const film = await fetch(done.output);
const bytes = Buffer.from(await film.arrayBuffer());
said.film = { status: film.status, brand: bytes.toString("latin1", 4, 8) };
said.pages = [];
for await (const page of client.paginate(client.predictions.list)) said.pages.push(page.length);
const stopped = await order("a paper boat");
await take("canceled", () => client.predictions.cancel(stopped.id));
const file = await take("file", () => client.files.create(new File([Buffer.from("89504e470d0a1a0a", "hex")], "start.png", { type: "image/png" })));
await take("fileDeleted", () => client.files.delete(file.id));

const came = [];
const receiver = createServer((request, response) => {
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    came.push({ headers: request.headers, body });
    response.writeHead(200).end();
  });
});
await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
const { key: secret } = await client.webhooks.default.secret.get();
await clock({ until: "idle" });
await order("a paper boat", { webhook: `http://127.0.0.1:${receiver.address().port}/`, webhook_events_filter: ["start", "output", "completed"] });
await clock({ until: "idle" });
said.webhooks = [];
for (const one of came) said.webhooks.push([JSON.parse(one.body).status, await Replicate.validateWebhook(one, secret)]);
said.altered = await Replicate.validateWebhook({ ...came[0], body: `${came[0].body} ` }, secret);
receiver.close();

await clock({ rate: 100 });
await take("run", () => client.run(model, { input }));
await take("runFailing", () => client.run(model, { input: { ...input, prompt: "x [[bodydouble: fail=moderated after=5s]]" } }));
await clock({ rate: 0 });
await take("unknownKey", () => new Replicate({ auth: `r8_${"0".repeat(37)}`, baseUrl: url }).accounts.current());
await take("unknownPrediction", () => client.predictions.get("nothing"));
await take("badInput", () => client.predictions.create({ model, input: { ...input, duration: 99 } }));
await take("unknownVersion", () => client.predictions.create({ version: "0".repeat(64), input }));
await take("noCredit", () => order("x [[bodydouble: refuse=funds]]"));
let attempts = 0;
const counting = (...words) => ((attempts += 1), fetch(...words));
const hasty = new Replicate({ auth: key, baseUrl: url, fetch: counting });
await take("tooMany", () => hasty.predictions.create({ model, input: { ...input, prompt: "x [[bodydouble: refuse=rate]]" } }));
said.attempts = attempts;
console.log(JSON.stringify(said));
