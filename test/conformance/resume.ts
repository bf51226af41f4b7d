import { createClient } from "../../src/client/index.ts";

/** Run by resume.test.ts in a process of its own: what is left of an operation is its name. */
const [url = "", name = ""] = process.argv.slice(2);
const client = createClient(url);
for await (const { metadata } of client.updates(name)) {
  // Whoever holds the operation goes on then.
  process.stdout.write(`${JSON.stringify(metadata["progressPercent"] ?? null)}\n`);
}
process.stdout.write(`${JSON.stringify(await client.result(name))}\n`);
client.close();
