// One `bodydouble serve` for all test files: started before the first, ended by a signal after the last.
// It picks a free port and writes where it listens into its ready file; it knows no test.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    bodydouble: string;
  }
}

export default async function serve(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), "bodydouble-"));
  const ready = join(folder, "ready.json");
  const words = ["serve", "--port", "0", "--ready-file", ready, "--media", "tiny", "--quiet"];
  const server = spawn("bodydouble", words, { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(server, "exit"); // rejects where there is no such program
  const early = ended.then(([code]) => Promise.reject(new Error(`bodydouble ended with ${code}`)));
  // Renamed into place, so what is there is whole.
  while (!existsSync(ready)) await Promise.race([setTimeout(20), early]);
  project.provide("bodydouble", JSON.parse(await readFile(ready, "utf8")).url);
  early.catch(() => {}); // from here on it may end

  return async () => {
    server.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true });
  };
}
