import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { after, before, suite, test } from "node:test";
import { type CallOptions, type Client, createClient } from "../../src/client/index.ts";

/** Consumes the rest of an iterator. */
async function all(iterable: AsyncIterable<unknown>): Promise<unknown> {
  const taken: unknown[] = [];
  for await (const each of iterable) taken.push(each);
  return taken;
}

const NAME = "operations/x";
const CALLS: Readonly<Record<string, (client: Client, options: CallOptions) => Promise<unknown>>> = {
  start: (client, options) => client.start("createArchive", {}, options),
  get: (client, options) => client.get(NAME, options),
  list: (client, options) => all(client.list({}, options)),
  listPage: (client, options) => client.listPage({}, options),
  cancel: (client, options) => client.cancel(NAME, options),
  delete: (client, options) => client.delete(NAME, options),
  wait: (client, options) => client.wait(NAME, { timeout: "30s", ...options }),
  untilDone: (client, options) => client.untilDone(NAME, options),
  result: (client, options) => client.result(NAME, options),
  updates: (client, options) => all(client.updates(NAME, options)),
};

for (const scheme of ["http", "grpc"]) {
  suite(`a signal aborts calls over ${scheme} to a server that never answers`, () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
    });
    let client: Client;
    before(async () => {
      await once(silent.listen(0, "127.0.0.1"), "listening");
      client = createClient(`${scheme}://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    });
    after(() => {
      client.close();
      for (const socket of sockets) socket.destroy();
      silent.close();
    });

    for (const [call, make] of Object.entries(CALLS)) {
      test(`${call}()`, async () => {
        const reason = new Error("enough");
        await assert.rejects(make(client, { signal: AbortSignal.abort(reason) }), reason);
        const controller = new AbortController();
        const given = assert.rejects(make(client, { signal: controller.signal }), reason);
        if (sockets.size === 0) await once(silent, "connection");
        controller.abort(reason);
        await given;
      });
    }
  });
}
