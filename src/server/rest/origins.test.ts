import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { openRestServer } from "./rest-server.suite.ts";
import { Origins } from "./origins.ts";

const APP = "https://app.example.com";
const START = "/v1:createArchive";
const body = '{"directory":"/a"}';

suite("a browser that starts an operation for a page", () => {
  const cases: [sentence: string, headers: Record<string, string>, cors: string[], status: number][] = [
    ["is no browser", {}, [], 200],
    ["of this server, by Sec-Fetch-Site", { "sec-fetch-site": "same-origin", origin: "http://x" }, [], 200],
    ["that a person typed", { "sec-fetch-site": "none" }, [], 200],
    ["of another site", { "sec-fetch-site": "cross-site", origin: APP }, [], 403],
    [
      "of another port of this machine",
      { "sec-fetch-site": "same-site", origin: "http://localhost:1" },
      [],
      403,
    ],
    ["of a sandbox", { "sec-fetch-site": "cross-site", origin: "null" }, [], 403],
    ["of another site, in an old browser", { origin: APP }, [], 403],
    ["that hides where it is, in an old browser", { origin: "null" }, [], 403],
    ["of an allowed origin", { "sec-fetch-site": "cross-site", origin: APP }, [APP], 200],
    [
      "of an origin that is not among those",
      { "sec-fetch-site": "cross-site", origin: `${APP}.evil` },
      [APP],
      403,
    ],
    ["of any, where all are allowed", { "sec-fetch-site": "cross-site", origin: "null" }, ["*"], 200],
  ];
  for (const [sentence, headers, cors, status] of cases) {
    test(`${sentence}: ${status}`, async () => {
      await using server = await openRestServer(undefined, { cors });
      const called = await server.call("POST", START, { body, headers });
      assert.equal(called.status, status);
      if (status === 403) assert.equal(called.json?.error?.details[0]?.reason, "ORIGIN_REFUSED");
      const { json } = await server.call("GET", "/v1/operations");
      assert.equal(json?.operations?.length ?? 0, status === 200 ? 1 : 0);
    });
  }

  test("is also refused if it is disguised as a GET", async () => {
    await using server = await openRestServer();
    const headers = { "sec-fetch-site": "cross-site", origin: APP };
    const called = await server.call("POST", "/v1/operations/x?$httpMethod=DELETE", { headers });
    assert.equal(called.status, 403);
  });

  test("is allowed if the server around us allowed it", () => {
    const origins = new Origins([]);
    const refusal = (allowed: string | undefined): unknown =>
      origins.refusalOf(
        { method: "POST", headers: { origin: APP, host: "a" } } as never,
        { getHeader: () => allowed } as never,
      );
    assert.equal(refusal(APP), undefined);
    assert.equal(refusal("*"), undefined);
    assert.notEqual(refusal(undefined), undefined);
    assert.notEqual(refusal("https://another.example.com"), undefined);
  });

  test("is allowed from our own address, in an old browser", async () => {
    await using server = await openRestServer();
    const from = async (origin: string): Promise<number> =>
      (await server.call("POST", START, { body, headers: { origin } })).status;
    assert.equal(await from(server.url), 200);
    for (const port of [":1", ""]) assert.equal(await from(`http://127.0.0.1${port}`), 403, "another port");
  });
});

suite("CORS", () => {
  test("is off by default: no page can read anything", async () => {
    await using server = await openRestServer();
    const { headers } = await server.call("GET", "/v1/operations", { headers: { origin: APP } });
    assert.equal(headers.get("access-control-allow-origin"), null);
    const asked = { origin: APP, "access-control-request-method": "DELETE" };
    const options = await server.call("OPTIONS", "/v1/operations", { headers: asked });
    assert.equal(options.headers.get("access-control-allow-methods"), null);
  });

  test("lets an allowed page read answers, including errors", async () => {
    await using server = await openRestServer(undefined, { cors: [APP] });
    for (const [path, status] of [
      ["/v1/operations", 200],
      ["/v1/operations/x", 404],
    ] as const) {
      const called = await server.call("GET", path, { headers: { origin: APP } });
      assert.equal(called.status, status);
      assert.equal(called.headers.get("access-control-allow-origin"), APP);
      assert.equal(
        called.headers.get("access-control-expose-headers"),
        "ETag, Retry-After, Allow, RateLimit, RateLimit-Policy, Location, Preference-Applied",
      );
      assert.equal(called.headers.get("vary"), "Origin");
    }
    const another = await server.call("GET", "/v1/operations", { headers: { origin: "https://b.example" } });
    assert.equal(another.headers.get("access-control-allow-origin"), null);
    assert.equal(another.headers.get("vary"), "Origin");
  });

  test("answers a preflight, whatever is at the address", async () => {
    await using server = await openRestServer(undefined, { cors: [APP] });
    const asked = {
      origin: APP,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    };
    const { status, headers } = await server.call("OPTIONS", "/nowhere", { headers: asked });
    assert.equal(status, 204);
    assert.equal(headers.get("access-control-allow-origin"), APP);
    assert.match(headers.get("access-control-allow-methods") ?? "", /POST/);
    assert.equal(headers.get("access-control-allow-headers"), "authorization,content-type");
    assert.equal(headers.get("access-control-max-age"), "7200");
  });

  test("lets every page read if all origins are allowed", async () => {
    await using server = await openRestServer(undefined, { cors: ["*"] });
    const { headers } = await server.call("GET", "/v1/operations", { headers: { origin: APP } });
    assert.equal(headers.get("access-control-allow-origin"), "*");
  });
});
