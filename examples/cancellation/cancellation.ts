import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
// In a project of yours this is: from "longrunning".
import { AttemptAborted, defineMethod, openOperations, OperationError } from "../../src/index.ts";

const folder = await mkdtemp(join(tmpdir(), "export-"));

const exportRows = defineMethod({
  name: "exportRows",
  request: z.object({ rows: z.int() }),
  response: z.object({ path: z.string() }),
  metadata: z.object({ rowsWritten: z.int() }),
  async run({ rows }, { signal, report }) {
    const path = join(folder, "rows.csv");
    async function* lines() {
      for (let row = 1; row <= rows; row++) {
        await delay(5); // stands for a slow database
        yield `${row}\n`;
        report({ rowsWritten: row });
      }
    }
    try {
      // Pass the signal to everything that takes one: pipeline, fetch, timers, child processes.
      await pipeline(lines, createWriteStream(path), { signal });
      return { path };
    } catch (error) {
      if (signal.reason instanceof AttemptAborted) console.log(`Stopped: ${signal.reason.why}`);
      await rm(path, { force: true });
      throw error; // a handler that stops ends its operation as CANCELLED
    }
  },
});

const operations = await openOperations({ methods: [exportRows], store: "sqlite::memory:" });
const operation = await operations.start(exportRows, { rows: 1_000_000 });

for await (const { metadata, done } of operations.updates(operation)) {
  if (metadata === null || done) continue;
  console.log("Some rows are written. Cancelling.");
  break;
}
await operations.cancel(operation.name);

const error: unknown = await operations.result(operation).catch((thrown: unknown) => thrown);
if (!(error instanceof OperationError)) throw error;
console.log(`${error.operation.state}: ${error.message}`);
console.log(`Files left behind: ${(await readdir(folder)).length}`);

await operations.stop();
await rm(folder, { recursive: true });
