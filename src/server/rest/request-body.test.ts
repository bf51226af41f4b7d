import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { withoutConnection } from "./without-connection.suite.ts";
import type { RestRequest } from "./request.ts";
import { bodyOf, NO_BODY } from "./request-body.ts";

let reads = 0;

function post(body: string | Uint8Array, headers: Record<string, string>): RestRequest {
  return {
    method: "POST",
    target: "/",
    headers,
    gone: false,
    inBatch: false,
    waitMsMax: undefined,
    localHost: "127.0.0.1:1",
    isSecure: false,
    ...withoutConnection,
    contentEncoding: headers["content-encoding"],
    keepBody: () => undefined,
    readBody: () => {
      reads++;
      return Promise.resolve(Buffer.from(body));
    },
  };
}

describe("bodyOf()", () => {
  it("reads JSON when a call needs it, and no sooner", async () => {
    reads = 0;
    const json = gzipSync('{"a":1}');
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const { query, body } = await bodyOf(post(json, headers), [["b", "2"]]);
    assert.deepEqual([query, reads], [[["b", "2"]], 0]);
    assert.deepEqual([await body.readObject(), reads], [{ a: 1 }, 1]);
  });

  it("uses a form's fields as parameters (contract 3.4)", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const { query, body } = await bodyOf(post("c=3&d=4", headers), [["b", "2"]]);
    assert.deepEqual(query, [
      ["b", "2"],
      ["c", "3"],
      ["d", "4"],
    ]);
    assert.deepEqual(await body.readObject(), {});
  });

  it("treats JSON that is labelled as a form as JSON", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const { query, body } = await bodyOf(post('{"a":1}', headers), []);
    assert.deepEqual([query, await body.readObject()], [[], { a: 1 }]);
  });

  it("refuses any other type, and requires a type for bodies that are not empty", async () => {
    const headers = { "content-type": "text/html" };
    const { body } = await bodyOf(post("<p>", headers), []);
    await assert.rejects(body.readObject(), { reason: "CONTENT_TYPE_UNSUPPORTED" });
    assert.deepEqual(await (await bodyOf(post("", headers), [])).body.readObject(), {});
    assert.deepEqual(await NO_BODY.readObject(), {});
  });
});
