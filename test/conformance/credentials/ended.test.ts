import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { suite, test } from "node:test";
import { Metadata } from "@grpc/grpc-js";
import { GrpcClient, operationsPath, refusal } from "../../../src/server/grpc/grpc-server.suite.ts";
import { settled } from "../../../src/testing/manual-clock.ts";
import {
  OperationSchema,
  WaitOperationRequestSchema,
} from "../../../src/wire/gen/google/longrunning/operations_pb.ts";
import { type CredentialsServer, openCredentialsServer, work } from "./credentials-server.ts";

const OPTIONS = { admin: "full", metrics: true } as const;

/** Starts an operation that goes on, and gives its name. */
async function hold({ operations }: CredentialsServer): Promise<string> {
  return (await operations.start(work, { text: "hold" })).name;
}

/** Resolves when so many callers wait. */
async function untilWaiting({ operations }: CredentialsServer, count: number): Promise<void> {
  const line = new RegExp(`^longrunning_waiters(?:\\{[^}]*\\})? ${count}$`, "m");
  while (!line.test((await operations.metrics?.()) ?? "")) await settled(1);
}

/** Waits over HTTP, and gives the status and the reason of the end. */
async function wait(
  { url }: CredentialsServer,
  name: string,
  headers: Record<string, string>,
): Promise<readonly [number, string | undefined]> {
  const all = { "content-type": "application/json", ...headers };
  const response = await fetch(`${url}/v1/${name}:wait`, {
    method: "POST",
    headers: all,
    body: '{"timeout":"60s"}',
  });
  const text = await response.text();
  return [response.status, /"reason": "(\w+)"/.exec(text)?.[1]];
}

suite("a wait ends", () => {
  test("when its key is revoked, and another goes on", async () => {
    await using server = await openCredentialsServer(OPTIONS);
    const admin = (path: string, body: object) =>
      fetch(`${server.url}/admin/v1/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-goog-api-key": server.key },
        body: JSON.stringify(body),
      });
    const made = await admin("apiKeys", { principal: "user:ada" });
    const { key, apiKey } = (await made.json()) as {
      readonly key: string;
      readonly apiKey: { readonly id: string };
    };
    const name = await hold(server);
    const ada = wait(server, name, { "x-goog-api-key": key });
    const packer = wait(server, name, { "x-goog-api-key": server.key });
    await untilWaiting(server, 2);
    assert.equal((await admin(`apiKeys/${apiKey.id}:revoke`, {})).status, 200);
    assert.deepEqual(await ada, [400, "API_KEY_INVALID"]);
    await untilWaiting(server, 1);
    assert.deepEqual(await wait(server, name, { "x-goog-api-key": key }), [400, "API_KEY_INVALID"]);
    await server.operations.cancel(name);
    assert.deepEqual(await packer, [200, "OPERATION_CANCELLED"]);
  });

  test("when the rules have its key no more, over gRPC", async () => {
    await using server = await openCredentialsServer(OPTIONS);
    const client = new GrpcClient(Number(new URL(server.url).port));
    const metadata = new Metadata();
    metadata.set("x-goog-api-key", server.key);
    const message = { name: await hold(server), timeout: { seconds: 60n } };
    const shapes = [WaitOperationRequestSchema, OperationSchema] as const;
    const waiting = refusal(client.call(operationsPath("WaitOperation"), shapes, message, { metadata }));
    await untilWaiting(server, 1);
    const rules = JSON.parse(readFileSync(server.file, "utf8")) as object;
    writeFileSync(server.file, JSON.stringify({ ...rules, keys: [] }));
    await server.operations.reloadAccess();
    const error = await waiting;
    client.close();
    assert.equal(error.code, 3);
    assert.match(error.details, /API key not valid/);
  });
});
