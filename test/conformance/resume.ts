import { createClient } from "../../src/client/index.ts";

/** Run by resume.test.ts in a process of its own, which knows only the name of the operation. */
const [url = "", name = ""] = process.argv.slice(2);
const client = createClient(url);
for await (const { metadata } of client.updates(name)) {
  // The process that holds the operation continues then.
  process.stdout.write(`${JSON.stringify(metadata["progressPercent"] ?? null)}\n`);
}
process.stdout.write(`${JSON.stringify(await client.result(name))}\n`);
client.close();
