import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { z } from "zod";
import { createClient } from "../client/client.ts";
import { defineMethod } from "../core/method/method.ts";
import { startTestServer } from "../testing/test-server.ts";
import type { ServeOptions } from "./options.ts";

const work = defineMethod({
  name: "work",
  request: z.object({ text: z.string() }),
  response: z.object({ text: z.string() }),
  run: ({ text }) => ({ text }),
});

interface AuditRecord {
  readonly insertId: string;
  readonly methodName?: string;
  readonly resourceName: string;
  readonly status: { readonly code?: number };
  readonly authenticationInfo: { readonly principalSubject: string };
  readonly requestMetadata: { readonly callerIp?: string; readonly callerSuppliedUserAgent?: string };
  readonly response?: { readonly name: string };
}

/** A server with an audit file in its own folder. */
async function openAudited(options: Partial<ServeOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "audit-"));
  const path = join(folder, "audit.jsonl");
  const server = await startTestServer([work], { audit: path, ...options });
  const text = (): string => readFileSync(path, "utf8");
  return {
    server,
    text,
    records: (): AuditRecord[] => {
      const lines = text().split("\n").slice(0, -1);
      return lines.map((line) => JSON.parse(line) as AuditRecord);
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

const namesOf = (records: readonly AuditRecord[]): string[] =>
  records.map(({ methodName, status }) => `${methodName} ${status.code ?? 0}`);

/** A start as a part of a batch. */
const part = (path: string): string =>
  `--b\r\ncontent-type: application/http\r\n\r\nPOST ${path} HTTP/1.1\r\ncontent-type: application/json\r\n\r\n{"text":"a"}\r\n`;

describe("audit", () => {
  it("has the record of a write before the caller gets the answer, on every interface", async () => {
    await using audited = await openAudited();
    const { server, records, text } = audited;
    const body = JSON.stringify({ text: "canary-of-rest" });
    const json = { "content-type": "application/json", "user-agent": "audited/1" };
    const started = await fetch(`${server.url}/v1:work`, { method: "POST", headers: json, body });
    const { name } = (await started.json()) as { readonly name: string };
    assert.deepEqual(namesOf(records()), ["work 0"]);
    const [rest] = records();
    assert.equal(rest?.response?.name, name);
    assert.deepEqual(rest?.requestMetadata, {
      callerIp: "127.0.0.1",
      callerSuppliedUserAgent: "audited/1",
    });

    const grpc = createClient(server.url.replace("http:", "grpc:"));
    await grpc.cancel("operations/missing").catch(() => undefined);
    await grpc.delete(name);
    await server.operations.start(work, { text: "canary-in-process" });
    const admin = { method: "POST", headers: json, body: '{"method":"work"}' };
    assert.equal(
      (await fetch(`${server.url}/admin/v1/methods/work:pause`, { ...admin, body: "{}" })).status,
      200,
    );
    assert.equal(
      (await fetch(`${server.url}/admin/v1/methods/work:resume`, { ...admin, body: "{}" })).status,
      200,
    );
    assert.deepEqual(namesOf(records()), [
      "work 0",
      "google.longrunning.Operations.CancelOperation 5",
      "google.longrunning.Operations.DeleteOperation 0",
      "work 0",
      "longrunning.v1.Admin.PauseMethod 0",
      "longrunning.v1.Admin.ResumeMethod 0",
    ]);
    assert.equal(records()[2]?.requestMetadata.callerIp, "127.0.0.1");
    assert.deepEqual(records()[3]?.authenticationInfo, { principalSubject: "in-process" });
    assert.deepEqual(records()[3]?.requestMetadata, {});
    assert.doesNotMatch(text(), /canary/);
    assert.equal(new Set(records().map(({ insertId }) => insertId)).size, records().length);
    grpc.close();
  });

  it("has a record of each write in a batch, with the origin of the batch", async () => {
    await using audited = await openAudited();
    const body = `${part("/v1:work")}${part("/v1/projects/p:work")}--b--`;
    const headers = { "content-type": "multipart/mixed; boundary=b", "user-agent": "audited/2" };
    await (await fetch(`${audited.server.url}/batch`, { method: "POST", headers, body })).text();
    const records = audited.records();
    assert.deepEqual(records.map(({ resourceName }) => resourceName).toSorted(), ["", "projects/p"]);
    for (const { requestMetadata } of records) assert.equal(requestMetadata.callerIp, "127.0.0.1");
  });

  it("notes that a start is part of the caller's transaction", async () => {
    await using audited = await openAudited();
    const transaction = { unsafe: () => Promise.resolve([]) } as never;
    // SQLite accepts no transaction; the rejected start is recorded.
    await assert.rejects(audited.server.operations.start(work, { text: "a" }, { transaction }));
    assert.match(audited.text(), /"metadata":\{"inTransaction":true\}/);
  });

  it("includes reads if the setting says so, and repeated polls too", async () => {
    for (const auditReads of [false, true]) {
      await using audited = await openAudited({ auditReads });
      const { server, records } = audited;
      const { name } = await server.operations.start(work, { text: "a" });
      await server.operations.wait(name);
      const before = records().length;
      for (let poll = 1; poll <= 3; poll++) {
        await (await fetch(`${server.url}/v1/${name}`)).text();
        assert.equal(records().length - before, auditReads ? poll : 0);
      }
      await (await fetch(`${server.url}/v1/operations`)).text();
      assert.equal(records().length - before, auditReads ? 4 : 0);
    }
  });

  it("has a record of a caller whose credentials were refused, without the credentials", async () => {
    const rules = join(mkdtempSync(join(tmpdir(), "audit-rules-")), "access.yaml");
    writeFileSync(rules, 'grants: [{ members: [all], role: caller, parent: "*" }]\n');
    await using audited = await openAudited({ access: { rules } });
    const { server, records, text } = audited;
    const path = "/v1/operations/019b7d3c-1a2b-7c3d-8e4f-5a6b7c8d9e0f";
    const headers = { "x-goog-api-key": "canary-key" };
    assert.equal((await fetch(`${server.url}${path}`, { headers })).status, 400);
    assert.equal((await fetch(`${server.url}${path}?key=canary-key`)).status, 400);
    const grpc = createClient(server.url.replace("http:", "grpc:"), { headers });
    await grpc.get("operations/a").catch(() => undefined);
    grpc.close();
    assert.deepEqual(
      records().map((record) => [record.methodName, record.status.code, record.requestMetadata]),
      [
        [
          undefined,
          3,
          { callerIp: "127.0.0.1", callerSuppliedUserAgent: "node", requestAttributes: { path } },
        ],
        [
          undefined,
          3,
          { callerIp: "127.0.0.1", callerSuppliedUserAgent: "node", requestAttributes: { path } },
        ],
        ["google.longrunning.Operations.GetOperation", 3, records()[2]?.requestMetadata],
      ],
    );
    assert.match(text(), /API_KEY_INVALID/);
    assert.doesNotMatch(text(), /canary/);
    rmSync(dirname(rules), { recursive: true });
  });

  it("refuses to begin with a file that cannot be opened", async () => {
    await assert.rejects(startTestServer([work], { audit: "/dev/null/audit.jsonl" }), {
      name: "TypeError",
      message: /^audit: "\/dev\/null\/audit\.jsonl" cannot be opened: ENOTDIR/,
    });
  });

  it("reports a full disk, and continues or refuses as the setting says", async () => {
    // A device that is always full.
    const audit = "/dev/full";
    const told: string[] = [];
    const log = { debug() {}, info() {}, warn() {}, error: (message: string) => void told.push(message) };
    await using continuing = await startTestServer([work], { audit, log });
    const { name } = await continuing.operations.start(work, { text: "a" });
    assert.match(name, /^operations\//);
    assert.deepEqual(told, ["audit records cannot be written; trying again until they can"]);
    await using refusing = await startTestServer([work], { audit, auditFailure: "refuse" });
    for (let call = 0; call < 2; call++) {
      const answer = await fetch(`${refusing.url}/v1:work`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"text":"a"}',
      });
      assert.equal(answer.status, 503);
      assert.match(await answer.text(), /AUDIT_UNAVAILABLE/);
    }
    assert.equal((await fetch(`${refusing.url}/v1/operations`)).status, 200, "reads go on");
    const page = await refusing.operations.list();
    assert.equal(page.operations.length, 1, "only the first was carried out, before it was known");
  });
});
