import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Connection } from "../load/connection.ts";
import { type Measure, startServer } from "../measure.ts";
import type { Child } from "../processes/child.ts";

const TEXT = "What was asked for comes back. ".repeat(6);

export const disk: Measure = {
  name: "disk",
  title: "Bytes on disk of a finished operation beyond its payloads",
  async run(setting) {
    const count = setting.size.weighed;
    const file = join(setting.folder, "weighed.db");
    await (await startServer(setting, { file })).stop();
    const empty = statSync(file).size;
    const server = await startServer(setting, { file });
    await runOperations(server, count);
    // Stopping copies the write-ahead log into the file.
    await server.stop();
    const payloads = payloadBytes(file);
    const each = (statSync(file).size - empty) / count;
    return {
      figures: {
        operations: count,
        "bytes/operation": each,
        "of which payloads": payloads / count,
        "beyond payloads": each - payloads / count,
      },
      checks: [
        { what: "bytes beyond payloads", value: each - payloads / count, limit: 700, rule: "at most" },
      ],
      notes: ["Payloads are the request, the response, the reports of the handler, and errors, as JSON."],
    };
  },
};

/** Starts operations and waits for each, so that all are finished at the end. */
async function runOperations(server: Child, count: number): Promise<void> {
  const connections = await Promise.all(Array.from({ length: 64 }, () => Connection.open(server.url)));
  let started = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (started++ < count) {
        const answer = await connection.call("/v1:echo", { body: JSON.stringify({ text: TEXT }) });
        const { name } = JSON.parse(answer.body) as { readonly name: string };
        await connection.call(`/v1/${name}:wait`, { body: "{}" });
      }
      connection.close();
    }),
  );
}

function payloadBytes(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const sum = ["request", "response", "metadata", "error"].map(
    (each) => `coalesce(octet_length(${each}), 0)`,
  );
  const row = database.prepare(`select sum(${sum.join(" + ")}) as bytes from operations`).get();
  database.close();
  return Number(row?.["bytes"]);
}
