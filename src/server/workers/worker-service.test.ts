import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { StatusError } from "../../core/error/error.ts";
import { silence } from "../../core/events.ts";
import { LIMITS } from "../../core/limits.ts";
import { SEAL } from "../../core/operation/sealed.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { claimJson } from "../../wire/worker.ts";
import { aClaim, FakeWorkers, NOW } from "./fake-workers.suite.ts";
import { claimed, ended, renewed, type WorkerCallContext } from "./worker-service.ts";

const REQUEST = { parent: "", methods: ["pack"], worker: "w", requestId: "", workerVersion: "" };
const odd = new StatusError("INVALID_ARGUMENT", "odd", { reason: "CLAIM_INVALID" });
const attempt = (name: string) => ({ name: `operations/${name}`, attempt: 1, token: "t" });

function contextOf(workers: FakeWorkers): WorkerCallContext {
  const errors = { domain: "archive", tell: silence, random: seededRandom(1) };
  return { workers, caller: ANONYMOUS, errors, facts: { method: "POST", path: "/" } };
}

/** Claims operations with requests of the given lengths. */
async function claimOf(sizes: readonly number[], fields: { readonly request?: string } = {}) {
  const workers = new FakeWorkers();
  const claims = sizes.map((size, index) =>
    aClaim(`operations/${index}`, { request: `{"a":"${"x".repeat(size)}"}`, ...fields }),
  );
  workers.onClaim = async () => ({ claims, time: NOW });
  let [turns, writes] = [0, 0];
  const result = await claimed(
    contextOf(workers),
    REQUEST,
    {},
    {
      write: (claim) => (writes++, claimJson(claim)),
      nextTurn: async () => void turns++,
    },
  );
  return { ...result, turns, writes, released: workers.asked.filter(([verb]) => verb === "release") };
}

suite("claimed()", () => {
  test("writes everything that fits in one message at once", async () => {
    const { claims, time, turns, released } = await claimOf([10, 10]);
    assert.deepEqual([claims.length, time, turns, released], [2, NOW, 0, []]);
  });

  test("releases operations that do not fit into the answer, but never the first", async () => {
    const large = LIMITS.remoteMessageBytesMax / 3;
    const { claims, turns, writes, released } = await claimOf([large, large, large, 10, large, large]);
    assert.deepEqual(
      claims.map((each) => (JSON.parse(each) as { attempt: { name: string } }).attempt.name),
      ["operations/0", "operations/1", "operations/3"],
    );
    assert.ok(Buffer.byteLength(claims.join(",")) <= LIMITS.remoteMessageBytesMax);
    assert.deepEqual(released, [["release", { attempts: ["2", "4", "5"].map(attempt), delayMs: 0 }]]);
    // After the first claim that did not fit, claims that are too large are not written.
    assert.deepEqual([turns, writes], [3, 4]);
    const one = await claimOf([2 * LIMITS.remoteMessageBytesMax]);
    assert.deepEqual([one.claims.length, one.released], [1, []]);
  });

  test("releases operations that cannot be read here, for later; a bug is a bug", async () => {
    const { claims, released } = await claimOf([1], { request: `${SEAL}x` });
    const delayMs = LIMITS.keyMissingDelayMs;
    assert.deepEqual([claims, released], [[], [["release", { attempts: [attempt("0")], delayMs }]]]);
    const workers = new FakeWorkers();
    workers.onClaim = async () => ({ claims: [aClaim("operations/0")], time: NOW });
    await assert.rejects(
      claimed(
        contextOf(workers),
        REQUEST,
        {},
        { write: () => assert.fail("a bug"), nextTurn: async () => {} },
      ),
      /a bug/,
    );
  });

  test("does not wait for the releases", async () => {
    const workers = new FakeWorkers();
    workers.onClaim = async () => ({ claims: [aClaim("operations/0", { request: SEAL })], time: NOW });
    workers.release = () => Promise.reject(new Error("The store is away"));
    const { claims } = await claimed(
      contextOf(workers),
      REQUEST,
      {},
      {
        write: claimJson,
        nextTurn: async () => {},
      },
    );
    assert.deepEqual(claims, []);
  });
});

suite("renewed()", () => {
  test("renews entries with invalid metadata, and reports it", async () => {
    const workers = new FakeWorkers();
    const entries = [
      { attempt: attempt("a"), metadata: undefined, refused: odd },
      odd,
      { attempt: attempt("lost"), metadata: undefined, refused: odd },
      { attempt: attempt("cancel"), metadata: undefined, refused: undefined },
    ];
    const answers = await renewed(contextOf(workers), 60_000, entries);
    assert.deepEqual(
      answers.map(({ held, cancelRequested, error }) => [held, cancelRequested, error?.message]),
      [
        [true, false, "odd"],
        [false, false, "odd"],
        [false, false, "The attempt is lost."],
        [true, true, undefined],
      ],
    );
    const info = answers[0]?.error?.details[0];
    assert.deepEqual([info?.["reason"], info?.["domain"]], ["CLAIM_INVALID", "archive"]);
    const [[, asked] = []] = workers.asked;
    assert.equal((asked as { readonly leaseMs: number }).leaseMs, 60_000);
  });
});

suite("ended()", () => {
  test("sends outcomes together, and answers each", async () => {
    const workers = new FakeWorkers();
    const entries = [{ attempt: attempt("a"), response: undefined }, odd];
    const answers = await ended(contextOf(workers), entries, (each) => workers.complete(ANONYMOUS, each));
    assert.deepEqual(
      answers.map(({ error, state }) => [error?.code, state]),
      [
        [undefined, "SUCCEEDED"],
        ["INVALID_ARGUMENT", ""],
      ],
    );
    assert.deepEqual(workers.asked, [["complete", [entries[0]]]]);
  });
});
