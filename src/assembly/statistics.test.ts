import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { z } from "zod";
import { migratedDatabase } from "../../test/support/migrated.ts";
import { postgresForTests } from "../../test/support/postgres.ts";
import { errorInfo } from "../core/error/details.ts";
import { StatusError } from "../core/error/error.ts";
import { defineMethod } from "../core/method/method.ts";
import { PERIODS } from "../core/statistics/periods.ts";
import type { MethodCounts } from "../core/statistics/counts.ts";
import type { Store } from "../core/ports/store.ts";
import { applyMigrations, openStore } from "../store/open.ts";
import { openOperations } from "./open.ts";
import { version } from "./version.ts";

const server = await postgresForTests();
after(() => server[Symbol.asyncDispose]());
const folder = mkdtempSync(join(tmpdir(), "longrunning-statistics-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

const STORES: Readonly<Record<string, () => Promise<string>>> = {
  SQLite: async () => `sqlite:${join(folder, `${++files}.db`)}`,
  PostgreSQL: () => migratedDatabase(server),
};

const work = defineMethod({
  name: "work",
  request: z.object({ how: z.enum(["ends", "fails", "fails once"]) }),
  retry: { attempts: 2, initialDelay: "1ms", maxDelay: "1ms" },
  run: ({ how }, { attempt }) => {
    if (how === "fails" || (how === "fails once" && attempt === 1))
      throw new Error(`disk ${attempt} is full`);
  },
});

/** Reads the stored data after all others have closed the store. */
async function looking<Result>(address: string, look: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await openStore(address);
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}

const ALL = { since: 0, until: Number.MAX_SAFE_INTEGER };

/** The sums over all stored periods, by length. */
function sums(store: Store): Promise<readonly Omit<MethodCounts, "begin" | "run">[]> {
  const names = ["started", "began", "succeeded", "failed", "cancelled", "retried", "workerLost"] as const;
  return Promise.all(
    PERIODS.map(async (period) => {
      const rows = await store.statistics.series({ period, ...ALL, method: "work" });
      const sum = (name: (typeof names)[number]): number =>
        rows.reduce((total, { counts }) => total + counts[name], 0);
      return Object.fromEntries(names.map((name) => [name, sum(name)])) as never;
    }),
  );
}

for (const [name, anAddress] of Object.entries(STORES)) {
  describe(`statistics in ${name}`, () => {
    it("match the events, with groups of similar failures and the process", async () => {
      const address = await anAddress();
      const operations = await openOperations({ methods: [work], store: address, concurrency: 5 });
      const run = async (how: "ends" | "fails" | "fails once"): Promise<void> => {
        const { name: each } = await operations.start(work, { how });
        while (!(await operations.wait(each)).done);
      };
      await Promise.all([run("ends"), run("ends"), run("fails once"), run("fails"), run("fails")]);
      const { name: later } = await operations.start(work, { how: "ends" }, { delay: "1h" });
      await operations.cancel(later);
      await operations.stop();
      await looking(address, async (store) => {
        const truth = {
          started: 6,
          began: 5,
          succeeded: 3,
          failed: 2,
          cancelled: 1,
          retried: 3,
          workerLost: 0,
        };
        assert.deepEqual(await sums(store), [truth, truth, truth]);
        const [failure, ...none] = await store.statistics.failures({ since: 0, limit: 9 });
        assert.deepEqual([failure?.text, failure?.count], ["Error: disk ‹n› is full", 2]);
        assert.equal(failure?.reason, "HANDLER_FAILED");
        assert.deepEqual(none, []);
        const [process, ...others] = await store.statistics.processes(0, 9);
        assert.deepEqual(others, []);
        assert.match(process?.id ?? "", new RegExp(`-${globalThis.process.pid}-[\\da-f]{8}$`));
        const { pid, role, slots, running, draining, methods, version: known } = process ?? {};
        assert.deepEqual(
          { pid, role, slots, running, draining, methods, known },
          {
            pid: globalThis.process.pid,
            role: "all",
            slots: 5,
            running: 0,
            draining: true,
            methods: ["work", "longrunning.bulk"],
            known: version(),
          },
        );
      });
    });

    it("keep a handler's error, whatever its text, and show the process", async () => {
      const address = await anAddress();
      const odd = defineMethod({
        name: "odd",
        request: z.object({}),
        retry: { attempts: 1 },
        run: () => {
          const reason = `\0${"X".repeat(1_000)}`;
          throw new StatusError("ABORTED", "No.", {
            details: [errorInfo({ reason, domain: "example.com" })],
          });
        },
      });
      const operations = await openOperations({ methods: [odd], store: address });
      const { name: each } = await operations.start(odd, {});
      while (!(await operations.wait(each)).done);
      await operations.stop();
      await looking(address, async (store) => {
        const [failure] = await store.statistics.failures({ since: 0, limit: 9 });
        assert.match(failure?.reason ?? "", /^\ufffdX+ …$/);
        const [process] = await store.statistics.processes(0, 9);
        assert.equal(process?.draining, true, "its last report arrived");
      });
    });

    it("are not stored if they are switched off", async () => {
      const address = await anAddress();
      const operations = await openOperations({ methods: [work], store: address, statistics: false });
      const { name: each } = await operations.start(work, { how: "ends" });
      await operations.wait(each);
      await operations.stop();
      await looking(address, async (store) => {
        assert.deepEqual(await store.statistics.series({ period: 60, ...ALL }), []);
        assert.deepEqual(await store.statistics.processes(0, 9), []);
      });
    });

    it("of a method that was paused before the process started begin when the pause ends", async () => {
      const address = await anAddress();
      await applyMigrations(address);
      const paused = { kind: "paused-method", name: "work", dueTime: null, value: "{}" };
      await looking(address, (store) => store.resources.put(paused, null));
      const other = defineMethod({ name: "other", request: z.object({}), run: () => {} });
      const operations = await openOperations({ methods: [work, other], store: address });
      after(() => operations.stop());
      const { name: waiting } = await operations.start(work, { how: "ends" });
      for (let each = 0; each < 5; each++) {
        const { name: begun } = await operations.start(other, {});
        await operations.wait(begun);
      }
      assert.equal((await operations.get(waiting)).done, false);
      if (name === "PostgreSQL") {
        // Another process ends the pause, and this one notices within two seconds.
        await looking(address, (store) => store.resources.remove("paused-method", "work"));
        const { done } = await operations.wait(waiting, { timeout: "10s" });
        assert.equal(done, true);
      }
    });
  });
}
