import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { suite, test } from "node:test";
import { Metadata, status } from "@grpc/grpc-js";
import { GrpcClient, operationsPath, refusal } from "../../../src/server/grpc/grpc-server.suite.ts";
import { named, watch } from "../../../src/server/grpc/watched.suite.ts";
import { openStream } from "../../../src/server/rest/watched.suite.ts";
import { ManualClock, settled } from "../../../src/testing/manual-clock.ts";
import {
  OperationSchema,
  WaitOperationRequestSchema,
} from "../../../src/wire/gen/google/longrunning/operations_pb.ts";
import { type CredentialsServer, openCredentialsServer, work } from "./credentials-server.ts";

const OPTIONS = { admin: "full", metrics: true } as const;

/** Starts an operation that keeps running, and returns its name. */
async function hold({ operations }: CredentialsServer): Promise<string> {
  return (await operations.start(work, { text: "hold" })).name;
}

/** Resolves when this many callers wait. */
async function untilWaiting({ operations }: CredentialsServer, count: number): Promise<void> {
  const line = new RegExp(`^longrunning_waiters(?:\\{[^}]*\\})? ${count}$`, "m");
  while (!line.test((await operations.metrics?.()) ?? "")) await settled(1);
}

/** Waits over HTTP, and returns the status and the reason of the end. */
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
  test("when its key is revoked, while a wait with another key continues", async () => {
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

  test("when the rules no longer have its key, over gRPC", async () => {
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

/** The end of a credential, and the error that calls in progress get. */
interface Ending {
  readonly how: string;
  readonly reason: string;
  readonly code: number;
  /** The headers of a caller. */
  headers(server: CredentialsServer): Promise<Record<string, string>>;
  /** Ends the credential, and lets the promised two seconds pass. */
  end(server: CredentialsServer, clock: ManualClock): Promise<void>;
}

const ENDED_WITHIN_MS = 2_000;
const TOKEN_LIFE_MS = 1_000;
/** The default tolerance for the clocks of issuers. */
const TOLERANCE_MS = 30_000;

const ENDINGS: readonly Ending[] = [
  {
    how: "at once when the rules have their key no more",
    reason: "API_KEY_INVALID",
    code: status.INVALID_ARGUMENT,
    headers: async ({ key }) => ({ "x-goog-api-key": key }),
    end: async ({ file, operations }) => {
      const rules = JSON.parse(readFileSync(file, "utf8")) as object;
      writeFileSync(file, JSON.stringify({ ...rules, keys: [] }));
      await operations.reloadAccess();
    },
  },
  {
    how: "within two seconds when their token expires",
    reason: "ACCESS_TOKEN_EXPIRED",
    code: status.UNAUTHENTICATED,
    headers: async ({ issuer }) => ({
      authorization: `Bearer ${await issuer.sign(STARTED_AT, { exp: (STARTED_AT + TOKEN_LIFE_MS) / 1_000 })}`,
    }),
    end: (_, clock) => clock.advance(TOKEN_LIFE_MS + TOLERANCE_MS + ENDED_WITHIN_MS),
  },
];

const STARTED_AT = Date.UTC(2026, 0, 1);

suite("waits and watches end, over REST and gRPC", () => {
  for (const ending of ENDINGS)
    test(ending.how, async () => {
      const { reason, code } = ending;
      const clock = new ManualClock(STARTED_AT);
      await using server = await openCredentialsServer({ ...OPTIONS, clock, worker: false });
      const who = await ending.headers(server);
      const name = await hold(server);
      const client = new GrpcClient(Number(new URL(server.url).port));
      const metadata = new Metadata();
      for (const [header, value] of Object.entries(who)) metadata.set(header, value);
      const message = { name, timeout: { seconds: 60n } };
      const shapes = [WaitOperationRequestSchema, OperationSchema] as const;
      const waits = [
        wait(server, name, who),
        refusal(client.call(operationsPath("WaitOperation"), shapes, message, { metadata })),
      ] as const;
      const one = await openStream(server, `/v1/${name}:watch`, who);
      const many = await openStream(server, "/v1/operations:watch", who);
      const overGrpc = watch({ client }, named(name), metadata);
      await Promise.all([one.until(name), many.until(name), overGrpc.until(1), untilWaiting(server, 2)]);
      await ending.end(server, clock);
      assert.equal((await waits[0])[1], reason);
      assert.equal((await waits[1]).code, code);
      for (const stream of [one, many]) assert.match(await stream.rest(), new RegExp(reason));
      assert.equal((await overGrpc.ended)?.code, code);
      client.close();
    });
});
