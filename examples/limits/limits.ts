import { z } from "zod";
// In a project of yours this is: from "longrunning".
import { defineMethod, openOperations } from "../../src/index.ts";

/**
 * Stands for work that takes long: all handlers wait until the program has shown which ones run.
 */
const shown = Promise.withResolvers<void>();

/**
 * One report of each customer at a time. Further reports of the same customer wait for their turn.
 */
const makeReport = defineMethod({
  name: "makeReport",
  request: z.object({ customer: z.string(), month: z.string() }),
  parallel: { key: ({ customer }) => customer, limit: 1, when: "queue" },
  run: () => shown.promise,
});

/** One move of each customer's data at a time. A second start is refused. */
const moveData = defineMethod({
  name: "moveData",
  request: z.object({ customer: z.string() }),
  parallel: { key: ({ customer }) => customer, limit: 1, when: "reject" },
  run: () => shown.promise,
});

const operations = await openOperations({ methods: [makeReport, moveData], store: "sqlite::memory:" });

const reports = {
  "Ada's report of May": await operations.start(makeReport, { customer: "Ada", month: "May" }),
  "Ada's report of June": await operations.start(makeReport, { customer: "Ada", month: "June" }),
  "Bob's report of May": await operations.start(makeReport, { customer: "Bob", month: "May" }),
};
for await (const { state } of operations.updates(reports["Bob's report of May"]))
  if (state === "RUNNING") break;
for (const [title, { name }] of Object.entries(reports))
  console.log(`${title}: ${(await operations.get(name)).state}`);

for (const customer of ["Ada", "Ada", "Bob"]) {
  const answer = await operations.start(moveData, { customer }).then(
    () => "started",
    (error) => `${error.code} ${error.reason}`,
  );
  console.log(`Move of ${customer}'s data: ${answer}`);
}

shown.resolve();
for (const report of Object.values(reports)) await operations.result(report);
console.log("All reports are made.");
await operations.stop();
