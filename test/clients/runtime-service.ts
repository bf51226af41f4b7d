import { createClient } from "../../src/client/index.ts";
import { defineMethod, serve } from "../../src/index.ts";

/** A service and its caller, in one process of a runtime other than Node. Prints what worked. */
const request = {
  "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) },
} as const;
const quick = defineMethod({ name: "quick", request, run: () => {} });
const store = `sqlite:${process.argv[2] ?? ""}`;
const warnings: string[] = [];
const quiet = (): void => {};
const log = {
  debug: quiet,
  info: quiet,
  warn: (text: string) => void warnings.push(text),
  error: console.error,
};
const served = await serve({ methods: [quick], store, port: 0, log });

async function works(address: string): Promise<boolean> {
  const client = createClient(address, { retry: { attempts: 1 } });
  try {
    return (await client.untilDone(await client.start("quick", {}))).error === null;
  } catch {
    return false;
  } finally {
    client.close();
  }
}

const rest = await works(served.url);
const grpc = await works(served.url.replace("http:", "grpc:"));
await served.stop();
console.log(JSON.stringify({ rest, grpc, stopped: true, warnings }));
