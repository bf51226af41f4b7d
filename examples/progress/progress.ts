import { createHash, randomBytes } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
// In a project of yours this is: from "longrunning".
import { defineMethod, openOperations } from "../../src/index.ts";

const BLOCK = randomBytes(1_000_000);

const hashBlocks = defineMethod({
  name: "hashBlocks",
  request: z.object({ blocks: z.int().positive() }),
  response: z.object({ sha256: z.string() }),
  // Callers see this in the metadata of the operation. The schema checks every report.
  metadata: z.object({ progressPercent: z.number(), statusMessage: z.string() }),
  async run({ blocks }, { signal, report }) {
    const hash = createHash("sha256");
    let done = 0;
    const reportProgress = (): void =>
      report({
        progressPercent: Math.floor((100 * done) / blocks),
        statusMessage: `${done} of ${blocks} blocks`,
      });
    // The work does not wait for its reports: a timer sends the newest state.
    const timer = setInterval(reportProgress, 20);
    try {
      for (; done < blocks; done++) {
        signal.throwIfAborted();
        hash.update(BLOCK);
        await nextTurn(); // lets timers and other work run
      }
      reportProgress();
      return { sha256: hash.digest("hex") };
    } finally {
      clearInterval(timer);
    }
  },
});

const operations = await openOperations({ methods: [hashBlocks], store: "sqlite::memory:" });
const operation = await operations.start(hashBlocks, { blocks: 300 });

// The current state, then every change until the operation is done.
for await (const { metadata, done, response } of operations.updates(operation)) {
  if (metadata !== null) console.log(`${metadata.progressPercent} %: ${metadata.statusMessage}`);
  if (done) console.log(`sha256 ${response?.sha256}`);
}

await operations.stop();
