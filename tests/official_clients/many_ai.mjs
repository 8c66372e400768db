// The Vercel AI SDK's `experimental_generateVideo` at one vendor after the other; prints what it got
// as JSON. Called as `node many_ai.mjs CALLS`, a JSON list: each with a name, the folder and package
// of the vendor's module, its maker's name, a base URL, a key, a model and its options. Where a module
// has its address fixed, `fixed` names what is replaced by the base URL on the way; where it has a word
// of its own for the key, `secret` names that.
import { createRequire } from "node:module";

const { experimental_generateVideo: generateVideo } = createRequire(`${process.env.BODYDOUBLE_NODE_CLIENTS}/`)("ai");
const said = {};

// The SDK downloads from public addresses only, by intent.
async function download(files) {
  return Promise.all(
    files.map(async ({ url }) => {
      const answer = await fetch(url);
      return { data: new Uint8Array(await answer.arrayBuffer()), mediaType: answer.headers.get("content-type") };
    }),
  );
}

// Both ways, as a name server would: what the reply says of the address is believed of the fixed one only.
function elsewhere(fixed, base) {
  return async (url, init) => {
    const answer = await fetch(String(url).replace(fixed, base), init);
    const text = (await answer.text()).replaceAll(base, fixed);
    return new Response(text, { status: answer.status, headers: { "content-type": answer.headers.get("content-type") } });
  };
}

async function film(call, apiKey) {
  const make = createRequire(`${call.folder}/`)(call.package)[call.maker];
  const sdk = make({ [call.secret ?? "apiKey"]: apiKey, baseURL: call.base, ...(call.fixed ? { fetch: elsewhere(call.fixed, call.base) } : {}) });
  const { video } = await generateVideo({
    model: sdk.video(call.model),
    prompt: "a paper boat",
    maxRetries: 0,
    download: async ({ url }) => (await download([{ url }]))[0],
    ...call.options,
  });
  return { brand: Buffer.from(video.uint8Array).toString("latin1", 4, 8), type: video.mediaType };
}

for (const call of JSON.parse(process.argv[2])) {
  try {
    said[call.name] = await film(call, call.key);
  } catch (error) {
    said[call.name] = { raised: `${error.name}: ${error.message}`, body: error.responseBody };
    continue;
  }
  try {
    await film(call, "nobody");
  } catch (error) {
    said[call.name].stranger = error.statusCode ?? `${error.name}: ${error.message}`;
  }
}
process.stdout.write(JSON.stringify(said));
