import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
// In a project of yours this is: from "longrunning".
import { defineMethod, openOperations } from "../../src/index.ts";

const printPages = defineMethod({
  name: "printPages",
  request: z.object({ pages: z.int().min(1).max(1_000) }),
  response: z.object({ pages: z.int() }),
  metadata: z.object({ progressPercent: z.number(), statusMessage: z.string() }),
  async run({ pages }, { signal, report }) {
    for (let page = 1; page <= pages; page++) {
      await delay(100, undefined, { signal }); // stands for a printer
      report({
        progressPercent: Math.floor((100 * page) / pages),
        statusMessage: `Page ${page} of ${pages}`,
      });
    }
    return { pages };
  },
});

export const operations = await openOperations({ methods: [printPages], store: "sqlite::memory:" });
const answerCall = operations.requestListener();
const html = await readFile(new URL("index.html", import.meta.url));

/** The page and the operations have the same origin, so no CORS is needed. */
export const server = createServer((request, response) => {
  if (request.url === "/") response.setHeader("content-type", "text/html; charset=utf-8").end(html);
  else answerCall(request, response);
});

if (import.meta.main)
  server.listen(3000, "127.0.0.1", () => console.log("The page is at http://127.0.0.1:3000"));
