import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Metadata } from "@grpc/grpc-js";
import { typedCalls } from "../../src/assembly/typed-calls.ts";
import { TestPolicy } from "../../src/engine/policy.suite.ts";
import {
  type GrpcTest,
  openGrpcTest,
  operationsPath,
  refusal,
} from "../../src/server/grpc/grpc-server.suite.ts";
import { answerTo, ask, dial } from "../../src/server/http2/caller.suite.ts";
import {
  GetOperationRequestSchema,
  OperationSchema,
} from "../../src/wire/gen/google/longrunning/operations_pb.ts";

/** REST calls about an operation, and the chain's entry for each. */
const CALLS: readonly (readonly [
  method: string,
  path: (name: string) => string,
  told: (name: string) => string,
])[] = [
  ["POST", () => "/v1/projects/q:createArchive", () => "start projects/q createArchive"],
  ["GET", (name) => `/v1/${name}`, (name) => `get ${name}`],
  ["HEAD", (name) => `/v1/${name}`, (name) => `get ${name}`],
  ["GET", () => "/v1/projects/p/operations", () => "list projects/p"],
  ["POST", (name) => `/v1/${name}:wait?timeout=0s`, (name) => `wait ${name}`],
  ["POST", (name) => `/v1/${name}:cancel`, (name) => `cancel ${name}`],
  ["DELETE", (name) => `/v1/${name}`, (name) => `delete ${name}`],
];

type Send = (server: GrpcTest, method: string, path: string) => Promise<number>;

const bodyOf = (path: string): string => (path.includes(":create") ? '{"directory":"/a"}' : "{}");

async function overHttp1({ listening }: GrpcTest, method: string, path: string): Promise<number> {
  const body = method === "POST" ? { body: bodyOf(path) } : {};
  const response = await fetch(`http://127.0.0.1:${listening.port}${path}`, { method, ...body });
  await response.text();
  return response.status;
}

async function overHttp2({ listening }: GrpcTest, method: string, path: string): Promise<number> {
  const session = dial(`http://127.0.0.1:${listening.port}`);
  const stream = ask(session, { ":method": method, ":path": path });
  stream.end(method === "POST" ? bodyOf(path) : undefined);
  const { head } = await answerTo(stream);
  session.close();
  return Number(head[":status"]);
}

async function inBatch({ listening }: GrpcTest, method: string, path: string): Promise<number> {
  const part = `${method} ${path} HTTP/1.1\r\n\r\n${method === "POST" ? bodyOf(path) : ""}`;
  const body = `--b\r\ncontent-type: application/http\r\n\r\n${part}\r\n--b--\r\n`;
  const headers = { "content-type": "multipart/mixed; boundary=b" };
  const response = await fetch(`http://127.0.0.1:${listening.port}/batch`, { method: "POST", body, headers });
  return Number(/HTTP\/1\.1 (\d{3})/.exec(await response.text())?.[1]);
}

const WAYS: Readonly<Record<string, Send>> = {
  "HTTP/1.1": overHttp1,
  "HTTP/2": overHttp2,
  "a batch": inBatch,
};

async function open() {
  const policy = new TestPolicy();
  const server = await openGrpcTest({ policy });
  const name = await server.start("projects/p");
  // From now on, both caches have the answer.
  await overHttp1(server, "GET", `/v1/${name}`);
  await server.client.get(name);
  policy.told.length = 0;
  const close = async (): Promise<void> => server[Symbol.asyncDispose]();
  return { server, policy, name, [Symbol.asyncDispose]: close };
}

/**
 * The calls of a port. The authorizer is asked before the cache is read, and again if the cache has
 * no answer.
 */
function askedOf(
  policy: TestPolicy,
  port: "authorizer" | "quotas" | "audit" | "observer",
): readonly string[] {
  const taken = policy.taken(port);
  return port === "authorizer" ? [...new Set(taken)] : taken;
}

suite("one chain around all use cases", () => {
  for (const [way, send] of Object.entries(WAYS)) {
    test(`refuses every call over ${way}, executes none, and has one entry for each`, async () => {
      await using opened = await open();
      opened.policy.refusing = "authorizer";
      for (const [method, path, told] of CALLS) {
        assert.equal(await send(opened.server, method, path(opened.name)), 403, `${method} ${told("…")}`);
        const entry = [`${told(opened.name)} PERMISSION_DENIED`];
        assert.deepEqual([opened.policy.taken("audit"), opened.policy.taken("observer")], [entry, entry]);
      }
      opened.policy.refusing = undefined;
      const { operations } = await typedCalls(opened.server.engine.operations).list({ parent: "projects/-" });
      assert.deepEqual(
        operations.map(({ name, state }) => [name, state]),
        [[opened.name, "PENDING"]],
      );
    });

    test(`has one entry in every port for each allowed call over ${way}, whether answered from memory or not`, async () => {
      await using opened = await open();
      for (const [method, path, told] of CALLS) {
        assert.equal(await send(opened.server, method, path(opened.name)), 200);
        for (const port of ["authorizer", "quotas", "audit", "observer"] as const)
          assert.deepEqual(askedOf(opened.policy, port), [told(opened.name)]);
      }
    });
  }

  test("refuses answers that gRPC has cached, and has an entry for them as for any other call", async () => {
    await using opened = await open();
    await opened.server.client.get(opened.name);
    for (const port of ["authorizer", "quotas", "audit", "observer"] as const)
      assert.deepEqual(opened.policy.taken(port), [`get ${opened.name}`]);
    opened.policy.refusing = "authorizer";
    assert.equal((await refusal(opened.server.client.get(opened.name))).code, 7);
    assert.deepEqual(opened.policy.taken("audit"), [`get ${opened.name} PERMISSION_DENIED`]);
  });

  test("refuses callers in the process", async () => {
    await using opened = await open();
    opened.policy.refusing = "authorizer";
    const calls = typedCalls(opened.server.engine.operations);
    const { name } = opened;
    for (const call of [
      calls.get(name),
      calls.list(),
      calls.wait(name),
      calls.cancel(name),
      calls.delete(name),
    ])
      await assert.rejects(call, { code: "PERMISSION_DENIED" });
    assert.ok(opened.policy.told.every(({ caller }) => caller.principal === "in-process"));
  });

  test("gives no caller an answer that was cached for another view, over REST and gRPC", async () => {
    await using opened = await open();
    const { store } = opened.server;
    let reads = 0;
    const read = store.read.bind(store);
    store.read = (id) => {
      reads++;
      return read(id);
    };
    opened.policy.view = ({ quotaProject }) => quotaProject ?? "";
    const headers = { "x-goog-user-project": "other" };
    const path = `http://127.0.0.1:${opened.server.listening.port}/v1/${opened.name}`;
    const metadata = new Metadata();
    metadata.set("x-goog-user-project", "other");
    const ofGrpc = [GetOperationRequestSchema, OperationSchema] as const;
    const counts: number[] = [];
    for (let times = 0; times < 2; times++) {
      await (await fetch(path)).text();
      counts.push(reads);
      await (await fetch(path, { headers })).text();
      counts.push(reads);
      await opened.server.client.call(
        operationsPath("GetOperation"),
        ofGrpc,
        { name: opened.name },
        { metadata },
      );
      counts.push(reads);
    }
    assert.deepEqual(counts, [0, 1, 2, 2, 2, 2]);
  });
});
