import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../core/caller.ts";
import { answeredMethod } from "../core/method/answered-method.ts";
import { defineMethod } from "../core/method/method.ts";
import { openTestEngine } from "../testing/test-engine.ts";
import type { Operations } from "./operations.ts";
import { TestPolicy } from "./policy.suite.ts";
import { startMany } from "./starting/start-many.ts";

const clean = defineMethod({ name: "clean", request: z.object({}), run: () => {} });
const peek = answeredMethod({
  name: "peek",
  rpc: undefined,
  request: z.object({}),
  response: z.object({ said: z.string() }),
  answer: () => ({ said: "yes" }),
});
const start = { method: "clean", request: {}, parent: "projects/p" };
const signal = new AbortController().signal;

/** Every use case, with the chain's description of its call. */
const USE_CASES: readonly (readonly [
  what: string,
  call: (operations: Operations, name: string) => Promise<unknown>,
  told: (name: string) => string,
])[] = [
  ["start", (operations) => operations.start(ANONYMOUS, start), () => "start projects/p clean"],
  [
    "a start at the root",
    (operations) => operations.start(ANONYMOUS, { method: "clean", request: {} }),
    () => "start  clean",
  ],
  ["startMany", (operations) => one(operations), () => "start projects/p clean"],
  ["answer", (operations) => operations.answer(ANONYMOUS, peek, {}, { signal }), () => "answer  peek"],
  ["get", (operations, name) => operations.get(ANONYMOUS, name), (name) => `get ${name}`],
  ["list", (operations) => operations.list(ANONYMOUS, { parent: "projects/p" }), () => "list projects/p"],
  [
    "wait",
    (operations, name) => operations.wait(ANONYMOUS, name, { timeoutMs: 0 }),
    (name) => `wait ${name}`,
  ],
  ["cancel", (operations, name) => operations.cancel(ANONYMOUS, name), (name) => `cancel ${name}`],
  ["delete", (operations, name) => operations.delete(ANONYMOUS, name), (name) => `delete ${name}`],
];

async function one(operations: Operations): Promise<void> {
  const [result] = await startMany(operations, ANONYMOUS, [start]);
  if (result?.operation === undefined) throw result?.error;
}

async function open() {
  const policy = new TestPolicy();
  const test = await openTestEngine([clean], { policy });
  const { operations } = test.engine;
  const { id } = await operations.start(ANONYMOUS, start);
  policy.told.length = 0;
  return { ...test, policy, operations, id, name: `projects/p/operations/${id}` };
}

describe("Operations", () => {
  for (const [what, call, told] of USE_CASES) {
    it(`has one entry in every port for ${what}`, async () => {
      await using test = await open();
      await call(test.operations, test.name);
      for (const port of ["authorizer", "quotas", "audit", "observer"] as const)
        assert.deepEqual(test.policy.taken(port), [told(test.name)]);
    });

    it(`does nothing if ${what} is refused`, async () => {
      await using test = await open();
      const before = await test.store.read(test.id);
      test.policy.refusing = "authorizer";
      await assert.rejects(call(test.operations, test.name), { code: "PERMISSION_DENIED" });
      test.policy.refusing = undefined;
      assert.deepEqual(await test.store.read(test.id), before);
      const { operations } = await test.operations.list(ANONYMOUS, { parent: "projects/p" });
      assert.equal(operations.length, 1);
      assert.equal(test.policy.taken("audit")[0], `${told(test.name)} PERMISSION_DENIED`);
    });
  }

  it("asks for permission for every start of startMany, and refuses each separately", async () => {
    await using test = await open();
    const other = { ...start, parent: "projects/q" };
    test.policy.refusing = "quotas";
    const results = await startMany(test.operations, ANONYMOUS, [start, other]);
    assert.deepEqual(
      results.map(({ error }) => (error as { code: string }).code),
      ["RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED"],
    );
    assert.deepEqual(test.policy.taken("authorizer"), ["start projects/p clean", "start projects/q clean"]);
  });

  it("calls every port once for a test of permissions, which needs only the permission to discover", async () => {
    await using test = await open();
    const held = await test.operations.testPermissions(ANONYMOUS, "projects/p", [
      "longrunning.operations.get",
      "x",
    ]);
    assert.deepEqual(held, ["longrunning.operations.get"]);
    const asked = "get projects/p google.iam.v1.IAMPolicy.TestIamPermissions";
    for (const port of ["quotas", "audit", "observer"] as const)
      assert.deepEqual(test.policy.taken(port), [asked]);
    test.policy.refusing = "quotas";
    const refused = test.operations.testPermissions(ANONYMOUS, "projects/p", ["longrunning.operations.get"]);
    await assert.rejects(refused, { code: "RESOURCE_EXHAUSTED" });
  });

  it("returns page tokens across collections that work only for the same caller", async () => {
    await using test = await open();
    await test.operations.start(ANONYMOUS, start);
    const ada = { ...ANONYMOUS, principal: "user:ada" };
    for (const [parent, expected] of [
      ["-", "PAGE_TOKEN_INVALID"],
      ["projects/p", undefined],
    ] as const) {
      const { nextPageToken: pageToken } = await test.operations.list(ada, { parent, pageSize: 1 });
      assert.equal((await test.operations.list(ada, { parent, pageToken })).operations.length, 1);
      const other = test.operations.list({ ...ada, principal: "user:bob" }, { parent, pageToken });
      const reason = await other.then(
        () => undefined,
        (error: { reason?: string }) => error.reason,
      );
      assert.equal(reason, expected, parent);
    }
  });
});
