import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { typedCalls } from "../../src/assembly/typed-calls.ts";
import { ANONYMOUS, type Caller } from "../../src/core/caller.ts";
import { StatusError } from "../../src/core/error/error.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { TestPolicy } from "../../src/engine/policy.suite.ts";
import {
  type GrpcTest,
  openGrpcTest,
  operationsPath,
  refusal,
} from "../../src/server/grpc/grpc-server.suite.ts";
import {
  CancelOperationRequestSchema,
  DeleteOperationRequestSchema,
  GetOperationRequestSchema,
  ListOperationsRequestSchema,
  ListOperationsResponseSchema,
  OperationSchema,
  WaitOperationRequestSchema,
} from "../../src/wire/gen/google/longrunning/operations_pb.ts";
import {
  StartOperationRequestSchema,
  StartOperationsRequestSchema,
  StartOperationsResponseSchema,
} from "../../src/wire/gen/longrunning/v1/methods_pb.ts";

const STARTS_PATH = "/longrunning.v1.Methods/StartOperations";
const STARTS = [StartOperationsRequestSchema, StartOperationsResponseSchema] as const;

const start = (parent: string) => ({ method: "createArchive", parent, request: { directory: "/a" } });

/** A use case: its gRPC call about an operation, and the chain's entry for it. */
type UseCase = readonly [
  send: (server: GrpcTest, name: string) => Promise<unknown>,
  told: (name: string) => string,
];

const USE_CASES: Readonly<Record<string, UseCase>> = {
  StartOperation: [
    ({ client }) =>
      client.call(
        "/longrunning.v1.Methods/StartOperation",
        [StartOperationRequestSchema, OperationSchema],
        start("projects/q"),
      ),
    () => "start projects/q createArchive",
  ],
  GetOperation: [
    ({ client }, name) =>
      client.call(operationsPath("GetOperation"), [GetOperationRequestSchema, OperationSchema], { name }),
    (name) => `get ${name}`,
  ],
  ListOperations: [
    ({ client }) =>
      client.call(
        operationsPath("ListOperations"),
        [ListOperationsRequestSchema, ListOperationsResponseSchema],
        { name: "projects/p" },
      ),
    () => "list projects/p",
  ],
  WaitOperation: [
    ({ client }, name) =>
      client.call(operationsPath("WaitOperation"), [WaitOperationRequestSchema, OperationSchema], {
        name,
        timeout: { seconds: 0n },
      }),
    (name) => `wait ${name}`,
  ],
  CancelOperation: [
    ({ client }, name) =>
      client.call(operationsPath("CancelOperation"), [CancelOperationRequestSchema, EmptySchema], { name }),
    (name) => `cancel ${name}`,
  ],
  DeleteOperation: [
    ({ client }, name) =>
      client.call(operationsPath("DeleteOperation"), [DeleteOperationRequestSchema, EmptySchema], { name }),
    (name) => `delete ${name}`,
  ],
};

const CODES = { authorizer: [7, "PERMISSION_DENIED"], quotas: [8, "RESOURCE_EXHAUSTED"] } as const;

async function open(policy = new TestPolicy()) {
  const server = await openGrpcTest({ policy });
  const name = await server.start("projects/p");
  policy.told.length = 0;
  /**
   * The operations that exist, with their states. This read's own entries in the chain are dropped.
   */
  const kept = async () => {
    policy.refusing = undefined;
    const { operations } = await typedCalls(server.engine.operations).list({ parent: "projects/-" });
    policy.told.length = 0;
    return operations.map((each) => [each.name, each.state]);
  };
  const close = async (): Promise<void> => server[Symbol.asyncDispose]();
  return { server, policy, name, kept, [Symbol.asyncDispose]: close };
}

/**
 * The calls of each port. The authorizer is asked before the cache is read, and again if the cache
 * has no answer.
 */
function askedOf(policy: TestPolicy): ReturnType<TestPolicy["takenByEach"]> {
  const taken = policy.takenByEach();
  return { ...taken, authorizer: [...new Set(taken.authorizer)] };
}

suite("one chain around the use cases over gRPC", () => {
  for (const [useCase, [send, toldOf]] of Object.entries(USE_CASES)) {
    test(`${useCase} is refused with the error of the authorizer or the quota, and not executed`, async () => {
      await using opened = await open();
      const told = toldOf(opened.name);
      for (const refusing of ["authorizer", "quotas"] as const) {
        const [code, status] = CODES[refusing];
        opened.policy.refusing = refusing;
        assert.equal((await refusal(send(opened.server, opened.name))).code, code);
        const ended = [`${told} ${status}`];
        assert.deepEqual(askedOf(opened.policy), {
          authorizer: [told],
          quotas: refusing === "quotas" ? [told] : [],
          audit: ended,
          observer: ended,
        });
      }
      assert.deepEqual(await opened.kept(), [[opened.name, "PENDING"]]);
    });

    test(`${useCase} has one entry in each port if it is allowed`, async () => {
      await using opened = await open();
      await send(opened.server, opened.name);
      const one = [toldOf(opened.name)];
      assert.deepEqual(askedOf(opened.policy), {
        authorizer: one,
        quotas: one,
        audit: one,
        observer: one,
      });
    });
  }
});

/** Refuses starts under one parent. */
class OneParentRefused extends TestPolicy {
  override readonly authorizer: TestPolicy["authorizer"];

  constructor() {
    super();
    const { authorizer } = new TestPolicy();
    this.authorizer = {
      ...authorizer,
      authorize: (call) => {
        this.told.push({ ...call, port: "authorizer" });
        if (call.resource === "projects/refused") throw new StatusError("PERMISSION_DENIED", "No.");
        return undefined;
      },
    };
  }
}

/**
 * Starts many operations, and returns the result of each: `OK`, or the number of its error's code.
 */
type StartMany = (server: GrpcTest, parents: readonly string[]) => Promise<readonly (number | "OK")[]>;

async function overRest({ listening }: GrpcTest, parents: readonly string[]) {
  const body = JSON.stringify({ requests: parents.map(start) });
  const address = `http://127.0.0.1:${listening.port}/v1:startOperations`;
  const response = await fetch(address, { method: "POST", body });
  const { results } = (await response.json()) as {
    readonly results: readonly { readonly error?: { readonly code: number } }[];
  };
  return results.map(({ error }) => error?.code ?? ("OK" as const));
}

async function overGrpc({ client }: GrpcTest, parents: readonly string[]) {
  const { results } = await client.call(STARTS_PATH, STARTS, { requests: parents.map(start) });
  return results.map(({ result }) => (result.case === "error" ? result.value.code : ("OK" as const)));
}

async function inProcess({ engine }: GrpcTest, parents: readonly string[]) {
  const [method] = engine.operations.methods.values();
  assert.ok(method !== undefined);
  const items = parents.map((parent) => ({ method, request: { directory: "/a" }, parent }));
  const results = await typedCalls(engine.operations).startMany(items);
  const codes: Readonly<Record<string, number>> = { PERMISSION_DENIED: 7, RESOURCE_EXHAUSTED: 8 };
  return results.map(({ error }) => (error === undefined ? ("OK" as const) : (codes[error.code] ?? -1)));
}

const WAYS: Readonly<Record<string, StartMany>> = {
  REST: overRest,
  gRPC: overGrpc,
  "the process": inProcess,
};

const toldOfStart = (parent: string): string => `start ${parent} createArchive`;

const sorted = (lines: readonly string[]): readonly string[] => lines.toSorted((a, b) => (a < b ? -1 : 1));

suite("one chain around each start of many", () => {
  for (const [way, startMany] of Object.entries(WAYS))
    test(`over ${way}: a refused start has no effect on the allowed ones beside it, and each has one entry`, async () => {
      await using opened = await open(new OneParentRefused());
      const parents = ["projects/a", "projects/refused", "projects/b"];
      assert.deepEqual(await startMany(opened.server, parents), ["OK", 7, "OK"]);
      const { authorizer, quotas, audit, observer } = opened.policy.takenByEach();
      assert.deepEqual(sorted(authorizer), sorted(parents.map(toldOfStart)));
      assert.deepEqual(sorted(quotas), ["projects/a", "projects/b"].map(toldOfStart));
      const ended = [
        toldOfStart("projects/a"),
        toldOfStart("projects/b"),
        `${toldOfStart("projects/refused")} PERMISSION_DENIED`,
      ];
      assert.deepEqual([sorted(audit), sorted(observer)], [ended, ended]);
      const kept = (await opened.kept()).map(([name = ""]) => name.split("/operations/")[0]);
      assert.deepEqual(sorted(kept.map(String)), ["projects/a", "projects/b", "projects/p"]);
    });
});

test("a start fails as a bug of ours if the authenticator returns more than can be stored, and nothing is stored", async () => {
  const principal = "p".repeat(LIMITS.callerLengthMax);
  let caller: Caller = { ...ANONYMOUS, principal };
  await using server = await openGrpcTest({ authenticate: () => caller });
  const [send] = USE_CASES["StartOperation"] as UseCase;
  await send(server, "");
  caller = { ...ANONYMOUS, principal: `${principal}p` };
  assert.equal((await refusal(send(server, ""))).code, 13);
  const { operations } = await typedCalls(server.engine.operations).list({ parent: "projects/-" });
  assert.equal(operations.length, 1);
});
