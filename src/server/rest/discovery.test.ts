import assert from "node:assert/strict";
import { request as sendRequest } from "node:http";
import { suite, test } from "node:test";
import { google } from "googleapis";
import { systemClock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import { defineMethod } from "../../core/method/method.ts";
import type { Schema } from "../../core/method/schema.ts";
import { indentJson } from "../../wire/indent.ts";
import { Discovery } from "./discovery.ts";
import type { RestRequest } from "./request.ts";
import { openRestServer } from "./rest-server.suite.ts";

suite("discovery", () => {
  for (const path of [
    "/$discovery/rest?version=v1",
    "/%24discovery/rest?version=v1",
    "/$discovery/rest",
    "/discovery/v1/apis/archive/v1/rest",
  ]) {
    test(`is at ${path} (contract 5.3)`, async () => {
      await using server = await openRestServer();
      const { status, json } = await server.call("GET", path);
      assert.equal(status, 200);
      assert.equal(json?.rootUrl, `${server.url}/`);
    });
  }

  for (const path of [
    "/$discovery/rest?version=v2",
    "/discovery/v1/apis/archive/v2/rest",
    "/discovery/v1/apis/another/v1/rest",
  ]) {
    test(`is not at ${path}, so that clients try elsewhere (contract 5.3)`, async () => {
      await using server = await openRestServer();
      assert.equal((await server.call("GET", path)).status, 404);
    });
  }

  test("lists the one API (contract 5.3)", async () => {
    await using server = await openRestServer();
    const { text } = await server.call("GET", "/discovery/v1/apis?preferred=true");
    const { items } = JSON.parse(text) as { items: { discoveryRestUrl: string }[] };
    const document = await fetch(items[0]?.discoveryRestUrl ?? "");
    assert.equal(((await document.json()) as { id: string }).id, "archive:v1");
  });

  const hosts: [host: string, expected: string | undefined][] = [
    ["archive.example.com", "http://archive.example.com/"],
    ["archive.example.com:8443", "http://archive.example.com:8443/"],
    ["[::1]:80", "http://[::1]:80/"],
    ['evil"><script>', undefined],
    ["a/b?c", undefined],
    ["user@host", undefined],
    ["1.2.3.4.5", ""],
    ["127.0.0.1:99999", undefined],
  ];
  for (const [host, expected] of hosts) {
    const does = expected === undefined ? "refuses" : "tells where to call";
    test(`${does} callers of Host ${host} (contract 5.2)`, async () => {
      await using server = await openRestServer();
      assert.equal(await rootUrlFor(server.port, host), expected === "" ? `${server.url}/` : expected);
    });
  }

  test("has the configured address whatever the Host is", async () => {
    await using server = await openRestServer(undefined, { publicUrl: "https://archive.example.com/ops" });
    const { json } = await server.call("GET", "/$discovery/rest");
    assert.equal(json?.rootUrl, "https://archive.example.com/ops/");
  });

  test("is enough for googleapis to call all methods (contract 5.2, 6.4)", async () => {
    await using server = await openRestServer();
    const api = (await google.discoverAPI(
      `${server.url}/$discovery/rest?version=v1`,
    )) as unknown as DiscoveredApi;
    const parent = "projects/p/locations/l";
    await api.createArchive({ requestBody: { directory: "/a" }, requestId: "r" });
    const { data } = await api.parents.createArchive({ parent, requestBody: { directory: "/a" } });
    const { name = "" } = data;
    assert.ok(name.startsWith(`${parent}/operations/`));
    for (const listed of ["operations", parent, `${parent}/operations`]) {
      assert.equal((await api.operations.list({ name: listed })).data.operations?.length, 1, listed);
    }
    assert.deepEqual((await api.operations.cancel({ name })).data, {});
    assert.equal((await api.operations.wait({ name, timeout: "5s" })).data.done, true);
    assert.equal((await api.operations.get({ name, "$.xgafv": "1", fields: "name" })).data.done, undefined);
    assert.deepEqual((await api.operations.delete({ name })).data, {});
    await assert.rejects(api.operations.get({ name }), { status: 404, message: /was not found/ });
  });
});

interface Data {
  readonly name?: string;
  readonly done?: boolean;
  readonly operations?: readonly unknown[];
}
type Call = (parameters: Record<string, unknown>) => Promise<{ readonly data: Data }>;
interface DiscoveredApi {
  readonly createArchive: Call;
  readonly parents: { readonly createArchive: Call };
  readonly operations: Record<"get" | "list" | "cancel" | "wait" | "delete", Call>;
}

/** `fetch` does not allow setting the Host header. */
async function rootUrlFor(port: number, host: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  sendRequest(
    { port, host: "127.0.0.1", path: "/$discovery/rest", headers: { host }, agent: false },
    (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve((JSON.parse(text) as { rootUrl: string }).rootUrl));
    },
  )
    .on("error", reject)
    .end();
  return promise;
}

/** On this clock each access to a schema takes 3 ms. */
function aSlowDiscovery(count: number) {
  let now = 0;
  let began = 0;
  let looks = 0;
  const turns: number[] = [];
  const clock = {
    ...systemClock,
    monotonic: () => now,
    soon: (callback: () => void) => {
      turns.push(now - began);
      began = now;
      systemClock.soon(callback);
    },
  };
  const describe = () => {
    now += 3;
    looks++;
    return { type: "object" };
  };
  const request: Schema = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => ({ value }),
      jsonSchema: { input: describe, output: describe },
    },
  };
  const methods = Array.from({ length: count }, (_, index) => {
    const method = defineMethod({ name: `method${index}`, request, run: () => {} });
    return [method.name, method] as const;
  });
  const discovery = new Discovery({
    name: "many",
    title: "Many",
    revision: "20260101",
    versions: ["v1"],
    methods: new Map(methods),
    publicUrl: "http://localhost/",
    clock,
  });
  // Declaring the methods accesses their schemas, too.
  began = now;
  return { discovery, turns, looks: () => looks };
}

suite("a document of hundreds of methods", () => {
  const asked = { headers: {}, isSecure: false, localHost: "localhost" } as unknown as RestRequest;

  test("is made in turns, so that nobody waits for all of it", async () => {
    for (const make of ["document", "openApi"] as const) {
      const { discovery, turns } = aSlowDiscovery(300);
      const answer =
        make === "openApi"
          ? await discovery.openApi([], asked)
          : await discovery.document({ api: undefined, version: undefined }, [], asked);
      assert.ok(turns.length > 100);
      // One access, or the two of the OpenAPI document, may begin just before the time is over.
      const longest = Math.max(...turns);
      assert.ok(longest <= LIMITS.describingTurnMs + 6, `${longest} ms`);
      assert.equal(answer.indented, indentJson(answer.json));
    }
  });

  test("is made once for all who request it meanwhile", async () => {
    const { discovery, looks } = aSlowDiscovery(100);
    const [one, other] = await Promise.all([discovery.openApi([], asked), discovery.openApi([], asked)]);
    assert.equal(one.json, other.json);
    const { looks: alone, discovery: another } = aSlowDiscovery(100);
    await another.openApi([], asked);
    assert.equal(looks(), alone());
  });
});
