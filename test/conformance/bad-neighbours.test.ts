import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { LIMITS } from "../../src/core/limits.ts";
import { defineMethod, openOperations, StatusError } from "../../src/index.ts";
import { migratedDatabase } from "../support/migrated.ts";
import { postgresForTests } from "../support/postgres.ts";

const request = z.object({ text: z.string(), bad: z.string().optional() });

/** A method whose operations, if their request says so, cannot be stored or cannot end. */
const echo = defineMethod({
  name: "echo",
  request,
  response: z.object({ text: z.string() }),
  // An error that type checks would have found.
  target: ({ bad }) => (bad === "target" ? ({} as string) : (bad ?? "")),
  async run({ text, bad }) {
    if (bad === "response") return { text: "\uD800".repeat(LIMITS.payloadBytesMax) };
    return { text };
  },
});
const limited = defineMethod({
  name: "limited",
  request,
  response: z.object({ text: z.string() }),
  parallel: { when: "queue", limit: 1, key: ({ bad }) => bad ?? "" },
  run: async ({ text }) => ({ text }),
});

/** Starts that are refused or fail, each in its own way. */
const BAD = [
  [echo, { text: "", bad: "target" }, {}],
  [echo, { text: "", bad: "target\0" }, {}],
  [echo, { text: "", bad: "\uDC00" }, {}],
  [echo, { text: "", bad: "response" }, {}],
  [echo, { text: "" }, { requestId: "p\0q" }],
  [echo, { text: "" }, { requestId: "\uD800" }],
  [echo, { text: "" }, { parent: "語".repeat(1_000) }],
  [echo, { text: "" }, { delay: "1e300s" }],
  [limited, { text: "", bad: "k\0" }, {}],
  [limited, { text: "", bad: "\uD800" }, {}],
] as const;

const GOOD = 300;

for (const kind of ["SQLite", "PostgreSQL"] as const) {
  describe(`starts beside bad ones, on ${kind}`, () => {
    let server: Awaited<ReturnType<typeof postgresForTests>> | undefined;
    let operations: Awaited<ReturnType<typeof openOperations>>;
    before(async () => {
      if (kind === "PostgreSQL") server = await postgresForTests();
      const store = server === undefined ? "sqlite::memory:" : await migratedDatabase(server);
      operations = await openOperations({ methods: [echo, limited], store });
    });
    after(async () => {
      await operations.stop();
      await server?.[Symbol.asyncDispose]();
    });

    it("are all stored, run and answered, whatever happens to the bad starts", async () => {
      const starts = Array.from({ length: GOOD }, (_, index) => async () => {
        const method = index % 10 === 0 ? limited : echo;
        const requestId = index % 3 === 0 ? `r${index}` : undefined;
        const started = await operations.start(
          method,
          { text: `${index}` },
          requestId === undefined ? {} : { requestId },
        );
        const { response } = await operations.wait(started.name, { method });
        return response?.text;
      });
      const bad = BAD.map(
        ([method, text, options]) =>
          () =>
            operations.start(method, text, options),
      );
      // In one batch, each bad one has good ones on both sides.
      const mixed: (() => Promise<unknown>)[] = starts.flatMap((start, index) =>
        index % 10 === 5 ? [start, ...bad] : [start],
      );
      const settled = await Promise.allSettled(mixed.map((start) => start()));
      const isGood = mixed.map((start) => (starts as unknown[]).includes(start));
      const good = settled.filter((_, index) => isGood[index]);
      assert.deepEqual(
        good.map((each) => (each.status === "fulfilled" ? each.value : each.reason)),
        starts.map((_, index) => `${index}`),
      );
      for (const each of settled.filter((_, index) => isGood[index] !== true)) {
        if (each.status === "rejected")
          assert.ok(
            each.reason instanceof StatusError || each.reason instanceof TypeError,
            String(each.reason),
          );
      }
    });

    it("are stored even if all of them together are larger than a batch may be", async () => {
      const text = "x".repeat(1_000_000);
      const starts = Math.ceil((3 * LIMITS.writeBatchBytesMax) / text.length);
      const started = await Promise.all(
        Array.from({ length: starts }, () => operations.start(echo, { text })),
      );
      const ended = await Promise.all(started.map(({ name }) => operations.wait(name, { method: echo })));
      assert.ok(ended.every(({ response }) => response?.text.length === text.length));
    });
  });
}
