import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { z } from "zod";
import { createClient } from "../client/client.ts";
import { StatusError } from "../core/error/error.ts";
import { defineMethod } from "../core/method/method.ts";
import { startTestServer } from "../testing/test-server.ts";
import { openOperations } from "./open.ts";
import { checkQuotas, type QuotaOptions } from "./quotas.ts";

const work = defineMethod({
  name: "work",
  request: z.object({}),
  response: z.object({}),
  run: () => ({}),
});

/** A server with quotas and a finished operation. */
async function openLimited(quotas: readonly QuotaOptions[]) {
  const server = await startTestServer([work], { quotas, name: "lro.example.com" });
  const { name } = await server.operations.start(work, {});
  await server.operations.wait(name);
  return { ...server, name };
}

/** The statuses of consecutive GETs. */
async function statuses(url: string, count: number, headers: Record<string, string> = {}): Promise<number[]> {
  const all: number[] = [];
  for (let call = 0; call < count; call++) {
    const answer = await fetch(url, { headers });
    await answer.text();
    all.push(answer.status);
  }
  return all;
}

/** Trusts the headers. */
const authenticate = ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }) => ({
  principal: `user:${String(headers["x-user"])}`,
  tenant: String(headers["x-tenant"]),
});

describe("quotas", () => {
  it("answer one call too many as Google's services do, with the headers of the draft", async () => {
    await using server = await openLimited([{ of: "principal", read: "2/h" }]);
    const url = `${server.url}/v1/${server.name}`;
    assert.deepEqual(await statuses(url, 2), [200, 200]);
    const answer = await fetch(url);
    assert.equal(answer.status, 429);
    const seconds = Number(answer.headers.get("retry-after"));
    assert.ok(seconds > 1_700 && seconds <= 1_800, String(seconds));
    assert.equal(answer.headers.get("ratelimit-policy"), '"read";q=2;w=3600');
    assert.equal(answer.headers.get("ratelimit"), `"read";r=0;t=${seconds}`);
    const { error } = (await answer.json()) as { readonly error: Record<string, unknown> };
    assert.equal(error["status"], "RESOURCE_EXHAUSTED");
    const [info, failure, retry] = error["details"] as readonly Record<string, unknown>[];
    assert.deepEqual(info, {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "RATE_LIMIT_EXCEEDED",
      domain: "lro.example.com",
      metadata: {
        consumer: "127.0.0.1",
        service: "lro.example.com",
        quota_metric: "lro.example.com/read_requests",
        quota_limit: "ReadRequestsPerHour",
        quota_limit_value: "2",
      },
    });
    assert.equal(failure?.["@type"], "type.googleapis.com/google.rpc.QuotaFailure");
    assert.match(String(retry?.["retryDelay"]), /^1[78]\d\d(?:\.\d+)?s$/);
    const list = await fetch(`${server.url}/v1/operations`);
    assert.equal(list.status, 429, "a list counts with a get");
    await list.text();
    const start = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
    assert.equal((await fetch(`${server.url}/v1:work`, start)).status, 200, "writes are not limited");
    await server.operations.get(server.name);
  });

  it("are shared by all interfaces, and each call of a batch counts", async () => {
    await using server = await openLimited([{ of: "principal", read: "4/h" }]);
    const grpc = createClient(server.url.replace("http:", "grpc:"));
    await grpc.get(server.name);
    const part = `--b\r\ncontent-type: application/http\r\n\r\nGET /v1/${server.name} HTTP/1.1\r\n\r\n\r\n`;
    const headers = { "content-type": "multipart/mixed; boundary=b" };
    const body = `${part}${part}--b--`;
    const batch = await fetch(`${server.url}/batch`, { method: "POST", headers, body });
    assert.deepEqual((await batch.text()).match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 200", "HTTP/1.1 200"]);
    await grpc.get(server.name);
    await assert.rejects(grpc.get(server.name), (error: StatusError) => {
      assert.equal(error.code, "RESOURCE_EXHAUSTED");
      const types = error.details.map((each) => each["@type"].split(".").at(-1));
      assert.deepEqual(types, ["ErrorInfo", "QuotaFailure", "RetryInfo"]);
      return error instanceof StatusError;
    });
    grpc.close();
  });

  it("are split below a principal by quotaUser, in the query and in a header, also for cached answers", async () => {
    await using server = await openLimited([{ of: "quotaUser", read: "2/h" }]);
    const url = `${server.url}/v1/${server.name}`;
    assert.deepEqual(await statuses(url, 4), [200, 200, 200, 200], "nobody's user");
    assert.deepEqual(await statuses(`${url}?quotaUser=ada`, 3), [200, 200, 429]);
    assert.deepEqual(await statuses(`${url}?quotaUser=eve`, 1), [200]);
    assert.deepEqual(await statuses(url, 2, { "x-goog-quota-user": "eve" }), [200, 429]);
    assert.deepEqual(await statuses(url, 1, { "x-goog-quota-user": "ada" }), [429]);
  });

  it("come with a file of rules, and change when it is reloaded", async () => {
    const folder = mkdtempSync(join(tmpdir(), "quotas-"));
    const rules = join(folder, "access.yaml");
    const put = (quotas: string): void =>
      writeFileSync(
        rules,
        `grants:\n  - { members: [all], role: admin, parent: "*" }\nquotas: [${quotas}]\n`,
      );
    try {
      put("{ of: principal, read: 1/h }");
      await using server = await startTestServer([work], { access: { rules } });
      const { name } = await server.operations.start(work, {});
      const url = `${server.url}/v1/${name}`;
      assert.deepEqual(await statuses(url, 2), [200, 429]);
      put("");
      await server.operations.reloadAccess();
      assert.deepEqual(await statuses(url, 3), [200, 200, 200]);
      put("{ of: quotaUser, read: 1/h }");
      await server.operations.reloadAccess();
      assert.deepEqual(await statuses(url, 2, { "x-goog-quota-user": "eve" }), [200, 429]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("are those of the tenant that owns the collection by the rules", async () => {
    const folder = mkdtempSync(join(tmpdir(), "quotas-"));
    const rules = join(folder, "access.yaml");
    const text = 'grants: [{ members: [all], role: caller, parent: "*" }]\ntenants: [projects/*]\n';
    writeFileSync(rules, `${text}quotas: [{ of: tenant, read: 2/h }]\n`);
    try {
      await using server = await startTestServer([work], { access: { rules } });
      const { operations } = server;
      const inP = await operations.start(work, {}, { parent: "projects/p/locations/l" });
      const inQ = await operations.start(work, {}, { parent: "projects/q" });
      for (const { name } of [inP, inQ]) await operations.wait(name);
      assert.deepEqual(await statuses(`${server.url}/v1/${inP.name}`, 3), [200, 200, 429]);
      assert.deepEqual(await statuses(`${server.url}/v1/projects/p/operations`, 1), [429]);
      assert.deepEqual(await statuses(`${server.url}/v1/${inQ.name}`, 1), [200]);
      assert.deepEqual(await statuses(`${server.url}/v1/operations`, 3), [200, 200, 200], "nobody's");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("are those of the tenant that the program names for the caller", async () => {
    const quotas: readonly QuotaOptions[] = [{ of: "tenant", only: ["projects/p"], read: "2/h" }];
    await using server = await startTestServer([work], { quotas, access: { authenticate } });
    const { name } = await server.operations.start(work, {});
    const url = `${server.url}/v1/${name}`;
    const by = (user: string, tenant: string): Promise<number[]> =>
      statuses(url, 1, { "x-user": user, "x-tenant": tenant });
    assert.deepEqual(
      [await by("a", "projects/p"), await by("b", "projects/p"), await by("c", "projects/p")],
      [[200], [200], [429]],
    );
    assert.deepEqual(await by("a", "projects/q"), [200]);
  });

  it("limit a tenant's unfinished operations, over all of its collections", async () => {
    const later = defineMethod({ name: "later", request: z.object({}), run: () => {} });
    const quotas: readonly QuotaOptions[] = [{ of: "tenant", unfinished: 2 }];
    const access = { tenants: ["projects/*"] };
    await using server = await startTestServer([later], { quotas, access });
    const start = async (parent: string): Promise<number> => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${server.url}/v1/${parent}:later?delay=3600s`, {
        method: "POST",
        headers,
        body: "{}",
      });
      const text = await answer.text();
      if (answer.status === 429) assert.match(text, /RESOURCE_QUOTA_EXCEEDED[^]*projects\/p/);
      return answer.status;
    };
    assert.equal(await start("projects/p"), 200);
    assert.equal(await start("projects/p/locations/l"), 200);
    assert.equal(await start("projects/p/locations/m"), 429);
    assert.equal(await start("projects/q"), 200);
  });

  it("are the option that docs/quotas.md shows", () => {
    const page = readFileSync(new URL("../../docs/quotas.md", import.meta.url), "utf8");
    const [, shown = ""] = /```ts\n([^`]+)```/.exec(page) ?? [];
    const [, list = ""] = /quotas: (\[.*\]),/.exec(shown) ?? [];
    const quotas: unknown = JSON.parse(list.replaceAll(/(\w+): /g, '"$1": '));
    checkQuotas("quotas", quotas);
    assert.equal((quotas as readonly unknown[]).length, 1);
  });

  it("name the invalid option", async () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [{}, /^quotas: expected a list such as/],
      [[{ of: "all" }], /^quotas\[0\]\.of: expected tenant, principal, quotaUser, got "all"$/],
      [[{ of: "tenant", only: "a" }], /^quotas\[0\]\.only: expected a list of texts, got "a"$/],
      [[{ of: "tenant", read: 600 }], /^quotas\[0\]\.read: expected calls in a second.*, got 600$/],
      [
        [{ of: "tenant", unfinished: 0 }],
        /^quotas\[0\]\.unfinished: expected a whole number from 1 to 100000, got 0$/,
      ],
      [
        [{ of: "principal", unfinished: 1 }],
        /^quotas\[0\]\.unfinished: it is for tenants, and this is of each principal$/,
      ],
      [[{ of: "tenant", reads: "1/s" }], /^quotas\[0\]: .*"reads"/],
    ];
    for (const [quotas, message] of wrong) {
      const options = { methods: [work], store: "sqlite::memory:", quotas: quotas as never };
      await assert.rejects(openOperations(options), { name: "TypeError", message });
    }
  });
});
