import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: "bodydouble/server.ts",
    // A film is drawn for real, and a machine that builds other things meanwhile takes its time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
