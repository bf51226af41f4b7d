import { z } from "zod";
// In a project of yours this is: from "longrunning".
import { defineMethod, openOperations } from "../../src/index.ts";

const importRows = defineMethod({
  name: "importRows",
  request: z.object({ rows: z.int() }),
  response: z.object({ rowsImported: z.int() }),
  metadata: z.object({ rowsImported: z.int() }),
  retry: { attempts: 3, initialDelay: "20ms" },
  run({ rows }, { attempt, lastReport, report }) {
    // The last report of an earlier attempt, also of one whose process has crashed. Null in the first attempt.
    let rowsImported = lastReport?.rowsImported ?? 0;
    console.log(`Attempt ${attempt} begins after row ${rowsImported}`);
    while (rowsImported < rows) {
      if (attempt === 1 && rowsImported === 600) throw new Error("The connection is lost.");
      // An attempt that crashes may have imported rows after its last report. Importing a row twice must do no harm.
      rowsImported += 1;
      report({ rowsImported });
    }
    return { rowsImported };
  },
});

const operations = await openOperations({ methods: [importRows], store: "sqlite::memory:" });
const { rowsImported } = await operations.result(await operations.start(importRows, { rows: 1_000 }));
console.log(`Imported ${rowsImported} rows`);
await operations.stop();
