import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { callToHangUp, openRestServer } from "./rest-server.suite.ts";

const PARENT = "projects/p/locations/l";
const DIRECTORY = '{"directory":"/a"}';

interface Result {
  readonly operation?: {
    readonly name: string;
    readonly metadata: { readonly value: Record<string, unknown> };
  };
  readonly error?: { readonly code: number; readonly details: readonly { readonly reason?: string }[] };
}

const GOOD = { method: "createArchive", request: { directory: "/a" } };
const startsOf = (...requests: readonly object[]): string => JSON.stringify({ requests });

suite("start", () => {
  test("answers with an operation, at the root and under a parent (contract 1.7)", async () => {
    await using server = await openRestServer();
    assert.match(await server.start(), /^operations\/[0-9a-f-]{36}$/);
    assert.match(await server.start(PARENT), /^projects\/p\/locations\/l\/operations\/[0-9a-f-]{36}$/);
  });

  test("starts once for one request id, in the header or the query (contract 2.2, AIP-155)", async () => {
    await using server = await openRestServer();
    const headers = { "idempotency-key": "r" };
    const first = await server.call("POST", "/v1:createArchive", { body: DIRECTORY, headers });
    const second = await server.call("POST", "/v1:createArchive?requestId=r", { body: DIRECTORY });
    assert.equal(first.status, 200);
    assert.equal(second.json?.name, first.json?.name);
  });

  test("starts nothing for validateOnly (contract 2.1)", async () => {
    await using server = await openRestServer();
    const { json } = await server.call("POST", "/v1:createArchive?validateOnly=true", { body: DIRECTORY });
    assert.equal(json?.done, true);
    assert.ok(!("name" in json));
    assert.deepEqual((await server.call("GET", "/v1/operations")).json, {});
  });

  test("reports invalid fields (contract 2.3, 4.3)", async () => {
    await using server = await openRestServer();
    const { status, json } = await server.call("POST", "/v1:createArchive?$.xgafv=1", { body: "{}" });
    assert.equal(status, 400);
    assert.equal(json?.error?.details[1]?.fieldViolations?.[0]?.field, "directory");
    assert.equal(json.error.errors?.[0]?.["reason"], "invalid");
    assert.ok(!("domain" in (json.error.errors?.[0] ?? {})));
  });

  test("refuses undeclared methods", async () => {
    await using server = await openRestServer();
    const { status, json } = await server.call("POST", "/v1:unknown", { body: "{}" });
    assert.equal(status, 404);
    assert.equal(json?.error?.details[0]?.reason, "METHOD_NOT_FOUND");
  });
});

suite("startMany", () => {
  test("returns an operation or a status for each request, in order", async () => {
    await using server = await openRestServer();
    const { status, text } = await server.call("POST", "/v1:startOperations", {
      body: startsOf(
        { ...GOOD, parent: PARENT, delay: "30s", priority: 5 },
        { method: "x" },
        { ...GOOD, delay: 7 },
      ),
    });
    assert.equal(status, 200);
    const [started, ...refused] = (JSON.parse(text) as { results: readonly Result[] }).results;
    assert.match(started?.operation?.name ?? "", /^projects\/p\/locations\/l\/operations\//);
    assert.equal(started?.operation?.metadata.value["priority"], 5);
    assert.deepEqual(
      refused.map(({ error }) => [error?.code, error?.details[0]?.reason]),
      [
        [5, "METHOD_NOT_FOUND"],
        [3, "DELAY_INVALID"],
      ],
    );
  });

  test("supports field masks, and has the same answer in bytes as in JSON", async () => {
    await using server = await openRestServer();
    const path = "/v1:startOperations?fields=results(operation/done,error/code)&prettyPrint=false";
    const requests = startsOf({ ...GOOD, validateOnly: true }, { method: "x" });
    const masked = await server.call("POST", path, { body: requests });
    assert.equal(masked.text.trim(), '{"results":[{"operation":{"done":true}},{"error":{"code":5}}]}');
    const bytes = await server.call("POST", "/v1:startOperations?alt=proto", { body: requests });
    assert.equal(bytes.headers.get("content-type"), "application/x-protobuf");
    assert.match(bytes.text, /METHOD_NOT_FOUND/);
  });

  test("refuses a body that is not a list of starts, a header for a single start, and any parameter", async () => {
    await using server = await openRestServer();
    for (const wrong of ["{}", '{"requests":[]}', '{"requests":7}', '{"requests":[],"force":true}', "[]"]) {
      const { status, json } = await server.call("POST", "/v1:startOperations", { body: wrong });
      assert.equal(status, 400, wrong);
      assert.equal(json?.error?.status, "INVALID_ARGUMENT");
    }
    const headers = { "idempotency-key": "r" };
    const keyed = await server.call("POST", "/v1:startOperations", { body: startsOf(GOOD), headers });
    assert.equal(keyed.json?.error?.details[0]?.reason, "REQUEST_ID_INVALID");
    assert.equal(
      (await server.call("POST", "/v1:startOperations?delay=5s", { body: startsOf(GOOD) })).status,
      400,
    );
    assert.deepEqual((await server.call("GET", "/v1/operations")).json, {});
  });
});

suite("get", () => {
  test("finds an operation by every form of its name (contract 6.3, 11.8)", async () => {
    await using server = await openRestServer();
    const name = await server.start(PARENT);
    for (const path of [`/v1/${name}`, `/v1/operations/${encodeURIComponent(name)}`, `/v1/${name}?`]) {
      assert.equal((await server.call("GET", path)).json?.name, name, path);
    }
  });

  test("accepts what clients send with it (contract 3.5, 11.7, 11.9)", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    const headers = { "content-type": "application/json", "x-goog-request-params": "name=another" };
    for (const query of ["?alt=json", "?$alt=json%3Benum-encoding=int&$prettyPrint=0", "?%24.xgafv=2"]) {
      assert.equal((await server.call("GET", path + query, { headers })).status, 200, query);
    }
  });

  test("answers 304 while nothing has changed", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    const etag = (await server.call("GET", path)).headers.get("etag") ?? "";
    const headers = { "if-none-match": etag };
    assert.equal((await server.call("GET", path, { headers })).status, 304);
    await server.call("POST", `${path}:cancel`);
    assert.equal((await server.call("GET", path, { headers })).status, 200);
  });

  test("answers NOT_FOUND to names that are not operations (contract 1.3)", async () => {
    await using server = await openRestServer();
    for (const name of ["operations/x", `${PARENT}/operations/x`, "operations/a.b/c=="]) {
      const { status, json } = await server.call("GET", `/v1/${name}`);
      assert.equal(status, 404);
      assert.equal(json?.error?.status, "NOT_FOUND");
    }
  });
});

suite("list", () => {
  test("understands all shapes of the name (contract 1.7, 11.8)", async () => {
    await using server = await openRestServer();
    const [atRoot, underParent] = [await server.start(), await server.start(PARENT)];
    const names = async (path: string): Promise<string[]> =>
      ((await server.call("GET", path)).json?.operations ?? []).map(({ name }) => name);
    for (const path of ["/v1/operations", "/v1//operations", "/v1/operations/operations"]) {
      assert.deepEqual(await names(path), [atRoot], path);
    }
    for (const path of [PARENT, `${PARENT}/operations`]) {
      assert.deepEqual(await names(`/v1/${path}/operations`), [underParent], path);
      assert.deepEqual(await names(`/v1/operations?name=${encodeURIComponent(path)}`), [underParent], path);
    }
  });

  test("pages until the token is empty (contract 2.5)", async () => {
    await using server = await openRestServer();
    for (let count = 0; count < 5; count++) await server.start();
    const seen: string[] = [];
    let token = "";
    do {
      const { json } = await server.call("GET", `/v1/operations?pageSize=2&pageToken=${token}`);
      seen.push(...(json?.operations ?? []).map(({ name }) => name));
      token = json?.nextPageToken ?? "";
    } while (token !== "");
    assert.equal(new Set(seen).size, 5);
  });

  test("omits the token if the mask does: that is the contract (contract 3.3)", async () => {
    await using server = await openRestServer();
    for (let count = 0; count < 2; count++) await server.start();
    const { json } = await server.call("GET", "/v1/operations?pageSize=1&fields=operations%28name%29");
    assert.deepEqual(Object.keys(json ?? {}), ["operations"]);
    assert.deepEqual(Object.keys(json?.operations?.[0] ?? {}), ["name"]);
  });

  test("accepts partial success across collections, and refuses it in one (contract 1.3, 2.2)", async () => {
    await using server = await openRestServer();
    const one = await server.call("GET", "/v1/operations?returnPartialSuccess=true");
    assert.equal(one.status, 400);
    const wide = await server.call("GET", "/v1/projects/-/operations?returnPartialSuccess=true");
    assert.equal(wide.status, 200);
  });
});

suite("cancel", () => {
  const bodies: [sentence: string, body: string, headers: Record<string, string>][] = [
    ["no body", "", {}],
    ["an empty body that claims to be JSON", "", { "content-type": "application/json" }],
    ["an empty object", "{}", { "content-type": "application/json" }],
    ["the name, which the path has bound", '{"name":"operations/another"}', {}],
  ];
  for (const [sentence, body, headers] of bodies) {
    test(`accepts ${sentence} (contract 3.5, 11.7)`, async () => {
      await using server = await openRestServer();
      const path = `/v1/${await server.start()}`;
      const { status, text } = await server.call("POST", `${path}:cancel`, { body, headers });
      assert.equal(status, 200);
      assert.equal(text, "{}\n");
    });
  }

  test("is harmless when repeated or late, and deletes nothing (contract 1.3, 11.11)", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    for (let count = 0; count < 2; count++) {
      assert.equal((await server.call("POST", `${path}:cancel`)).status, 200);
    }
    const { json } = await server.call("GET", path);
    assert.equal(json?.done, true);
    assert.equal(json.error?.code, 1);
  });
});

suite("delete", () => {
  test("removes the record and answers with an empty object (contract 1.3)", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    const headers = { "content-type": "application/json" };
    assert.equal((await server.call("DELETE", path, { headers })).text, "{}\n");
    assert.equal((await server.call("GET", path)).status, 404);
    assert.equal((await server.call("DELETE", path)).status, 404);
  });
});

suite("wait", () => {
  for (const [sentence, query, body] of [
    ["in the query", "?timeout=5s", ""],
    ["in the body", "", '{"timeout":"5s"}'],
  ] as const) {
    test(`answers the latest state after the timeout ${sentence} (contract 5.1, 11.12)`, async () => {
      await using server = await openRestServer();
      const name = await server.start();
      const waiting = server.call("POST", `/v1/${name}:wait${query}`, { body });
      await server.untilWaiting(1);
      await server.clock.advance(5_000);
      const { status, json } = await waiting;
      assert.equal(status, 200);
      assert.equal(json?.name, name);
      assert.equal(json.done, undefined);
    });
  }

  test("answers as soon as the operation has ended (contract 1.3)", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    const waiting = server.call("POST", `${path}:wait`);
    await server.untilWaiting(1);
    await server.call("POST", `${path}:cancel`);
    assert.equal((await waiting).json?.done, true);
  });

  test("stops waiting when the caller hangs up (contract 7)", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    const hangUp = callToHangUp(`${server.url}${path}:wait`);
    await server.untilWaiting(1);
    hangUp();
    await server.untilWaiting(0);
    assert.deepEqual(server.logged, []);
  });

  test("refuses an invalid timeout", async () => {
    await using server = await openRestServer();
    const { status } = await server.call("POST", `/v1/${await server.start()}:wait?timeout=soon`);
    assert.equal(status, 400);
  });
});
