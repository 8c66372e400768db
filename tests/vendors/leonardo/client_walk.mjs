// Leonardo's official Node client, unmodified, from a request to a film that downloads. Called as
// `node client_walk.mjs URL KEY SANDBOX`: the API, a key, and the sandbox whose clock it moves; the
// folder where the client is installed is BODYDOUBLE_NODE_CLIENTS. Prints what it read or raised.
import { createRequire } from "node:module";

const folder = process.env.BODYDOUBLE_NODE_CLIENTS;
const [url, key, sandbox] = process.argv.slice(2);
const { Leonardo } = createRequire(`${folder}/`)("@leonardo-ai/sdk");
const leonardo = new Leonardo({ bearerAuth: key, serverURL: url });
const said = {};

async function take(name, work) {
  try {
    said[name] = (await work()).object;
  } catch (error) {
    const issues = error.cause?.issues?.map((issue) => issue.path.join(".")) ?? [];
    said[name] = { error: error.constructor.name, status: error.statusCode, issues };
  }
  return said[name];
}

const user = await take("me", () => leonardo.user.getUserSelf());
const made = await take("made", () =>
  leonardo.motion.createTextToVideoGeneration({ prompt: "a paper boat" }),
);
const id = made.motionVideoGenerationJob.generationId;
await take("pending", () => leonardo.image.getGenerationById(id));
await fetch(`${sandbox}/clock`, {
  method: "PATCH",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ until: "idle" }),
});
const done = await take("done", () => leonardo.image.getGenerationById(id));
const film = done.generationsByPk?.generatedImages[0].motionMp4URL;
if (film) {
  const file = await fetch(film);
  said.film = { status: file.status, type: file.headers.get("content-type") };
}
await take("list", () => leonardo.image.getGenerationsByUserId(user.userDetails[0].user.id));
await take("upload", () => leonardo.initImages.uploadInitImage({ extension: "jpg" }));
await take("media", () => leonardo.media.uploadMedia({ extension: "mp4" }));
await take("models", () => leonardo.models.listPlatformModels());
await take("kling", () =>
  leonardo.motion.createTextToVideoGeneration({ prompt: "a paper boat", model: "KLING2_5" }),
);
await take("elements", () => leonardo.elements.listElements());
const service = {
  service: "MOTION_VIDEO_GENERATION",
  serviceParams: { motionVideoGeneration: { resolution: "RESOLUTION_480" } },
};
await take("price", () => leonardo.pricingCalculator.pricingCalculator(service));
const upscale = { sourceGenerationId: id, resolution: "RESOLUTION_720" };
const bigger = await take("upscale", () => leonardo.motion.createVideoUpscale(upscale));
const variation = bigger.motionVideoGenerationJob?.variationId;
await take("variation", () => leonardo.variation.getMotionVariationById(variation));
await take("gone", () => leonardo.image.deleteGenerationById(id));
await take("absent", () => leonardo.image.getGenerationById(id));
await take("blank", () => leonardo.motion.createTextToVideoGeneration({ prompt: "" }));
console.log(JSON.stringify(said));
