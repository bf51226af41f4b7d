import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Metadata } from "@grpc/grpc-js";
import { newApiKey } from "../../../src/access/credentials/api-key.ts";
import type { Log } from "../../../src/core/ports/log.ts";
import { systemRandom } from "../../../src/core/ports/random.ts";
import { GrpcClient, operationsPath, statusOf, refusal } from "../../../src/server/grpc/grpc-server.suite.ts";
import { openCredentialsServer } from "./credentials-server.ts";

const CANARY = "canary7f3c9b1e5a2d4c60";

/** Sends data that is not HTTP, and returns the answer. */
function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () => socket.end(text));
    socket.setEncoding("utf8").on("data", (more: string) => (answer += more));
    socket.on("error", reject).on("close", () => resolve(answer));
  });
}

test("no log, event, error, record or answer contains a credential, whatever happens to its request", async () => {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-secrets-"));
  const audit = join(folder, "audit.jsonl");
  const seen: string[] = [];
  const note = (...told: unknown[]): void => void seen.push(inspected(told));
  const log: Log = { debug: note, info: note, warn: note, error: note };
  {
    await using server = await openCredentialsServer({
      admin: "full",
      metrics: true,
      accessLog: true,
      log,
      audit,
      auditReads: true,
      access: { queryCredentials: true },
    });
    const key = newApiKey("test", systemRandom);
    const token = await server.token({ sub: "ada", jti: CANARY, exp: 1 });
    const good = await server.token({ jti: CANARY });
    const secrets = [CANARY, key, token, good, server.key, server.expiredKey];
    const bearers = [CANARY, `${CANARY}.${CANARY}.${CANARY}`, token, good];
    const headers: Record<string, string>[] = [
      ...bearers.map((each) => ({ authorization: `Bearer ${each}` })),
      { authorization: `Basic ${CANARY}` },
      { authorization: CANARY },
      { cookie: `session=${CANARY}` },
      ...[key, server.key, server.expiredKey, CANARY].map((each) => ({ "x-goog-api-key": each })),
      { authorization: `Bearer ${good}`, "x-goog-api-key": key },
      { "client-cert": `:${CANARY}:` },
    ];
    const paths = [
      "/v1/operations",
      "/v1/operations/none",
      "/v1/operations/none:wait",
      "/v1:work",
      "/v1:startOperations",
      "/batch",
      "/elsewhere",
      "/admin/v1/session",
      "/admin/v1/apiKeys",
      "/metrics",
      "/readyz?verbose",
      "/openapi.json",
    ];
    const queries = secrets.flatMap((each) => [
      `key=${each}`,
      `$key=${each}`,
      `access_token=${each}`,
      `oauth_token=${each}`,
      `bearer_token=${each}`,
      `key=${each}&alt=wrong`,
      `key=${each}&key=${each}x`,
      `key=${each}%ff`,
      `access_token=${each}%zz`,
      `$.xgafv=9&key=${each}`,
    ]);
    const ask = async (path: string, init: RequestInit): Promise<void> => {
      const response = await fetch(server.url + path, init);
      note(await response.text(), [...response.headers]);
    };
    for (const path of paths) {
      for (const method of ["GET", "POST"]) {
        for (const sent of headers) await ask(path, { method, headers: sent });
      }
    }
    for (const query of queries) await ask(`/v1/operations?${query}`, {});
    for (const query of queries)
      await ask("/v1/operations", {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", "x-http-method-override": "GET" },
        body: query,
      });
    for (const raw of [
      `GET /v1/operations?key=${key} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${CANARY}\r\nno header\r\n\r\n`,
      `GET /v1/operations?key=${key}\r\n\r\n`,
      `GET /v1/operations HTTP/1.1\r\nhost: a\r\nhost: b\r\nx-goog-api-key: ${key}\r\n\r\n`,
    ])
      note(await sendRaw(server.url, raw));
    const client = new GrpcClient(Number(new URL(server.url).port));
    for (const sent of headers) {
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(sent)) metadata.set(name, value);
      const error = await client
        .bytes(operationsPath("GetOperation"), Buffer.from("\n\x05x/a/b"), { metadata })
        .then(
          () => undefined,
          (failed: unknown) => failed as Awaited<ReturnType<typeof refusal>>,
        );
      // The client's own error contains what the client sent, so only the answer is checked.
      if (error !== undefined) note(error.code, error.details, statusOf(error));
    }
    client.close();
    note(await server.operations.metrics?.());
    note(readFileSync(audit, "utf8"));
    assert.ok(seen.length > 400, "the log and the answers are looked at");
    for (const secret of secrets) {
      const found = seen.find((each) => each.includes(secret));
      assert.equal(found, undefined, `${secret.slice(0, 12)}… is in ${found?.slice(0, 2_000)}`);
    }
  }
  rmSync(folder, { recursive: true });
});

/** All texts in a value. */
function inspected(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (each instanceof Error)
      return { fields: Object.entries(each), message: each.message, stack: each.stack, cause: each.cause };
    return typeof each === "bigint" ? String(each) : each;
  });
}
