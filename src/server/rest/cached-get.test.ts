import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { STRUCT } from "../../core/operation/payload.ts";
import { nameIn } from "./cached-get.ts";
import { openRestServer, type RestServer } from "./rest-server.suite.ts";

/** Claims the operation and returns the claimed attempt. */
async function claim(server: RestServer) {
  const wanted = [{ method: "createArchive", limit: 1 }];
  const request = { worker: "w", leaseMs: 30_000, limit: 1, wanted };
  const [operation] = (await server.engine.attempts.claim(request)).operations;
  assert.ok(operation !== undefined);
  return operation;
}

const shown = ({ headers }: { readonly headers: Headers }) =>
  [...headers].filter(([name]) => name !== "date");

describe("the name in the address of a poll", () => {
  const id = "019b76da-a800-7000-920a-25c3dc39c06c";

  it("is the operation's, with and without a parent and a query", () => {
    for (const name of [
      `operations/${id}`,
      `projects/example.com:p/operations/${id}`,
      `a/b/operations/${id}`,
    ])
      for (const query of ["", "?", "?fields=done&x=/operations/y"])
        assert.equal(nameIn(`/v1/${name}${query}`), name);
  });

  it("does not exist if the address is not an operation's", () => {
    for (const target of [
      "",
      "/",
      "/v1/operations",
      "/v1/operations/short",
      `/v1/operations/${id}:watch`,
      `/v1/things/${id}`,
      `/operations/${id}`,
      `operations/${id}`,
      `/v1?x=/operations/${id}`,
    ])
      assert.equal(nameIn(target), undefined, target);
  });
});

describe("a repeated poll", () => {
  it("gets the same bytes and headers, without a read of the store", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    const first = await server.call("GET", path);
    let reads = 0;
    const read = server.store.read.bind(server.store);
    server.store.read = (ids) => {
      reads++;
      return read(ids);
    };
    const second = await server.call("GET", path);
    assert.equal(reads, 0);
    assert.equal(second.text, first.text);
    assert.deepEqual(shown(second), shown(first));
    await server.call("GET", `${path}?prettyPrint=false`);
    assert.equal(reads, 1);
  });

  it("gets the same bytes of any size, plain and compressed, each without a read of the store", async () => {
    await using server = await openRestServer();
    for (const text of ["a".repeat(20_000), "ü".repeat(3_000), "ü"]) {
      const path = `/v1/${await server.start()}`;
      await server.engine.attempts.complete(await claim(server), {
        type: STRUCT,
        json: JSON.stringify({ text }),
      });
      const encodings = ["identity", "gzip, deflate", "gzip;q=0"];
      const first = [];
      for (const encoding of encodings)
        first.push(await server.call("GET", path, { headers: { "accept-encoding": encoding } }));
      const read = server.store.read.bind(server.store);
      server.store.read = () => assert.fail("the store is asked");
      for (const [index, encoding] of encodings.entries()) {
        const again = await server.call("GET", path, { headers: { "accept-encoding": encoding } });
        assert.deepEqual([again.text, shown(again)], [first[index]?.text, shown(first[index] ?? again)]);
        const isCompressed = encoding.startsWith("gzip, ") && text.length > 1_000;
        assert.equal(again.headers.get("content-encoding"), isCompressed ? "gzip" : null);
        assert.equal(again.headers.get("vary"), text.length > 1_000 ? "Accept-Encoding" : null);
      }
      server.store.read = read;
      await server.call("DELETE", path);
      for (const encoding of encodings)
        assert.equal(
          (await server.call("GET", path, { headers: { "accept-encoding": encoding } })).status,
          404,
        );
    }
  });

  it("sees every change as soon as its caller has been answered", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    const states: unknown[] = [];
    const look = async () => states.push((await server.call("GET", path)).json?.metadata?.value["state"]);
    await look();
    const operation = await claim(server);
    await look();
    const { id, attempt } = operation;
    await server.engine.attempts.report({ id, attempt }, 30_000, { type: STRUCT, json: '{"n":1}' });
    const reported = await server.call("GET", path);
    assert.equal(reported.json?.metadata?.value["n"], 1);
    await server.engine.attempts.complete(operation, { type: STRUCT, json: '{"path":"Zürich"}' });
    await look();
    assert.deepEqual(states, ["PENDING", "RUNNING", "SUCCEEDED"]);
    for (let times = 0; times < 2; times++) assert.match((await server.call("GET", path)).text, /Zürich/);
    await server.call("DELETE", path);
    assert.equal((await server.call("GET", path)).status, 404);
  });

  it("is answered anew if a header matters, and after a while", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    const plain = await server.call("GET", path);
    const etag = plain.headers.get("etag") ?? "";
    assert.equal((await server.call("GET", path, { headers: { "if-none-match": etag } })).status, 304);
    const masked = await server.call("GET", path, { headers: { "x-goog-fieldmask": "name" } });
    assert.deepEqual(Object.keys(masked.json ?? {}), ["name"]);
    assert.equal((await server.call("GET", path)).text, plain.text);
    await server.clock.advance(60_000);
    assert.equal((await server.call("GET", path)).json?.metadata?.value["pollInterval"], "3s");
  });
});
