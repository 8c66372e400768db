// A sandbox for each test: its keys, its clock, its wallets, its faults. The client below is typed by
// `control.d.ts`, which is generated from the control plane's document; this file only shortens it.
import createClient from "openapi-fetch";
import { inject, test as base } from "vitest";
import type { components, paths } from "./control.d.ts";

type Schemas = components["schemas"];
export type Sandbox = Awaited<ReturnType<typeof openSandbox>>;

export const url = inject("bodydouble");
export const control = createClient<paths>({ baseUrl: `${url}/_bodydouble` });

/** The answer's document. A problem is thrown in its own words. */
async function told<T>(asked: Promise<{ data?: T; error?: Schemas["Problem"] }>): Promise<T> {
  const { data, error } = await asked;
  if (error) throw new Error(error.detail);
  return data as T;
}

/** A universe of its own, whose time stands still until it is moved. */
export async function openSandbox(wanted: Schemas["NewSandbox"] = {}) {
  const made = await told(control.POST("/sandboxes", { body: { seed: 1, rate: 0, ...wanted } }));
  const params = { path: { sandbox: made.id } };
  const move = (body: Schemas["ClockChange"]) =>
    told(control.PATCH("/sandboxes/{sandbox}/clock", { params, body }));

  /** The key of a vendor, by its name. */
  function key(provider: string): string {
    const found = made.keys[provider];
    if (!found) throw new Error(`no ${provider}: there are ${Object.keys(made.keys).join(", ")}`);
    return found;
  }

  /** An account's money, in the vendor's own unit. */
  function wallet(provider: string, name = "main") {
    const account = { path: { ...params.path, provider, name } };
    const one = "/sandboxes/{sandbox}/accounts/{provider}/{name}" as const;
    return {
      balance: async () => (await told(control.GET(one, { params: account }))).balance,
      set: (amount: string) =>
        told(control.PUT(`${one}/balance`, { params: account, body: { amount } })),
    };
  }

  return {
    id: made.id,
    key,
    wallet,
    clock: {
      advance: (time: string) => move({ advance: time }),
      untilJob: (job: string) => move({ until: { job } }),
      untilIdle: () => move({ until: "idle" }),
    },
    faults: {
      arm: (body: Schemas["NewFault"]) =>
        told(control.POST("/sandboxes/{sandbox}/faults", { params, body })),
    },
    requests: async () =>
      (await told(control.GET("/sandboxes/{sandbox}/requests", { params }))).requests,
    deliveries: async () =>
      (await told(control.GET("/sandboxes/{sandbox}/deliveries", { params }))).deliveries,
    close: () => told(control.DELETE("/sandboxes/{sandbox}", { params })),
  };
}

interface Fixtures {
  wanted: Schemas["NewSandbox"];
  sandbox: Sandbox;
  clock: Sandbox["clock"];
  faults: Sandbox["faults"];
}

/** `test("…", async ({ sandbox, clock }) => …)`; `test.override({ wanted: … })` for another sandbox. */
export const test = base.extend<Fixtures>({
  wanted: {},
  sandbox: async ({ wanted }, use) => {
    const sandbox = await openSandbox(wanted);
    await use(sandbox);
    await sandbox.close();
  },
  clock: async ({ sandbox }, use) => use(sandbox.clock),
  faults: async ({ sandbox }, use) => use(sandbox.faults),
});
