import assert from "node:assert/strict";
import { test } from "node:test";
import { checkClaim } from "./claim-checks.ts";
import type { ClaimRequest } from "./worker-calls.ts";
import { clean, pack } from "./workers.suite.ts";

const methods = new Map([pack, clean].map((each) => [each.name, each]));
const asked = { parent: "", methods: ["pack"], worker: "w", requestId: "", workerVersion: "" };
const check = (more: Partial<ClaimRequest>) => checkClaim({ ...asked, ...more }, methods);

test("a claim with defaults asks for one operation and does not wait", () => {
  assert.deepEqual(check({ methods: ["pack", "clean", "pack"] }), {
    parent: "",
    methods: ["pack", "clean"],
    worker: "remote:w",
    limit: 1,
    leaseMs: 10_000,
    waitMs: 0,
    requestId: "",
    workerVersion: "",
  });
});

test("a limit of 0 is the default, as in proto3", () => {
  assert.equal(check({ limit: 0 }).limit, 1);
});

test("a claim waits for a minute at most, and is answered shortly before", () => {
  const waits = [1_000, 20_000, 60_000, 3_600_000].map((timeoutMs) => check({ timeoutMs }).waitMs);
  assert.deepEqual(waits, [900, 19_750, 59_750, 59_750]);
});

test("the first lease has the requested length, ten seconds at most", () => {
  assert.deepEqual(
    [5_000, 9_000, 30_000].map((leaseMs) => check({ leaseMs }).leaseMs),
    [5_000, 9_000, 10_000],
  );
});

const REFUSED: readonly (readonly [more: Partial<ClaimRequest>, reason: string, message: RegExp])[] = [
  [{ methods: [] }, "CLAIM_INVALID", /^Invalid methods: expected 1 to 100, got 0\.$/],
  [{ methods: Array.from({ length: 101 }, () => "pack") }, "CLAIM_INVALID", /got 101/],
  [{ methods: ["pack", "gone"] }, "METHOD_NOT_FOUND", /"gone" is not declared/],
  [
    { worker: "" },
    "CLAIM_INVALID",
    /^Invalid worker: expected a name for operators, such as .*, got nothing\.$/,
  ],
  [{ worker: "w".repeat(129) }, "CLAIM_INVALID", /128 characters at most, got 129/],
  [{ worker: "a\nb" }, "CLAIM_INVALID", /U\+000A/],
  [{ limit: -1 }, "CLAIM_INVALID", /^Invalid limit: expected a whole number from 0 to 1000, got -1\.$/],
  [{ limit: 1_001 }, "CLAIM_INVALID", /got 1001/],
  [{ limit: 1.5 }, "CLAIM_INVALID", /got 1\.5/],
  [{ leaseMs: 4_999 }, "CLAIM_INVALID", /^Invalid lease: expected 5s to 600s, got 4\.999s\.$/],
  [{ leaseMs: 600_001 }, "CLAIM_INVALID", /got 600\.001s/],
  [{ timeoutMs: -1 }, "CLAIM_INVALID", /^Invalid timeout: expected 0s or more/],
  [{ timeoutMs: Number.NaN }, "CLAIM_INVALID", /^Invalid timeout/],
  [{ requestId: "r".repeat(129) }, "CLAIM_INVALID", /^Invalid request_id: /],
  [{ workerVersion: "1".repeat(129) }, "CLAIM_INVALID", /^Invalid worker_version: .* got 129\.$/],
  [{ workerVersion: "\0" }, "CLAIM_INVALID", /^Invalid worker_version: /],
  [{ parent: "a//b" }, "NAME_INVALID", /a\/\/b/],
  [{ parent: "projects/-" }, "NAME_INVALID", /"-"/],
];

for (const [more, reason, message] of REFUSED)
  test(`a claim with ${JSON.stringify(more).slice(0, 60)} is refused as ${reason}`, () => {
    assert.throws(() => check(more), { reason, message });
  });
