import { z } from "zod";
import { createClient } from "../../src/client/index.ts";
import { defineMethod } from "../../src/index.ts";
import { startTestServer } from "../../src/testing/test-server.ts";

const flaky = defineMethod({
  name: "flaky",
  request: z.object({ fails: z.boolean() }),
  retry: { attempts: 2, initialDelay: "1ms" },
  run({ fails }, { attempt }) {
    if (fails || attempt === 1) throw new Error("not yet");
  },
});

/** A server that has counted something of every kind that occurs without failures. */
export async function startCountedServer(): Promise<
  { readonly url: string; metrics(): Promise<string> } & AsyncDisposable
> {
  const server = await startTestServer([flaky]);
  const client = createClient(server.url);
  const grpc = createClient(server.url.replace("http:", "grpc:"));
  for (const fails of [false, true]) {
    const { name } = await client.start(flaky, { fails });
    await grpc.wait(name, { timeout: "10s" });
    await client.get(name);
  }
  grpc.close();
  return {
    url: server.url,
    metrics: async () => (await fetch(`${server.url}/metrics`)).text(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
