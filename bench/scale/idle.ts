import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { BuiltProgram } from "../processes/build.ts";
import type { IdleRow } from "./result.ts";
import { Service, type Shape } from "./service.ts";
import type { ScaleSize } from "./size.ts";
import type { ScaleStore } from "./stores.ts";

const ROLES: Readonly<Record<IdleRow["role"], Shape>> = {
  api: { apis: 1, workers: 0 },
  worker: { apis: 0, workers: 1 },
};
const METHODS = [1, 200] as const;
/** Until the work of a process at its start is over. */
const SETTLE_MS = 5_000;

/** Watches idle processes, each with a database of its own, all at the same time. */
export async function measureIdle(
  store: ScaleStore,
  { program, folder }: { readonly program: BuiltProgram; readonly folder: string },
  { idleSeconds }: ScaleSize,
): Promise<readonly IdleRow[]> {
  await using services = new AsyncDisposableStack();
  const watched: (Pick<IdleRow, "role" | "methods"> & { readonly address: string })[] = [];
  for (const methods of METHODS)
    for (const role of ["api", "worker"] as const) {
      const address = await store.database();
      const many = { main: program.main, methods: moduleOf(methods, program, folder) };
      services.use(await Service.start({ program: many, address, shape: ROLES[role] }));
      watched.push({ role, methods, address });
    }
  // The background upkeep of a database happens even without us, so it does not count.
  const nobody = await store.database();
  await delay(SETTLE_MS);
  const counts = (): Promise<number[]> =>
    Promise.all([nobody, ...watched.map(({ address }) => address)].map((each) => store.count(each)));
  const before = await counts();
  await delay(idleSeconds * 1_000);
  const [own = 0, ...ours] = (await counts()).map((count, index) => count - (before[index] ?? 0));
  return watched.map(({ role, methods }, index) => ({
    role,
    methods,
    perSecond: Math.max(0, (ours[index] ?? 0) - own) / idleSeconds,
  }));
}

/** A module with `count` methods that do nothing. @returns its path */
function moduleOf(count: number, { modules }: BuiltProgram, folder: string): string {
  const path = join(folder, `methods-${count}.mjs`);
  const door = pathToFileURL(join(modules, "index.js")).href;
  const declared = Array.from({ length: count }, (_, index) => {
    const name = `method${index + 1}`;
    return `export const ${name} = defineMethod({ name: "${name}", request: OBJECT, run: () => {} });`;
  });
  const schema =
    'const OBJECT = { "~standard": { version: 1, vendor: "bench", validate: (value) => ({ value }) } };';
  writeFileSync(path, [`import { defineMethod } from "${door}";`, schema, ...declared, ""].join("\n"));
  return path;
}
