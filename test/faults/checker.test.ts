import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { check } from "./checker.ts";
import type { Answer, Call, Seen } from "./history.ts";

const NAME = "projects/p/operations/a";

/** A call that takes one unit of time. */
function call(verb: Call["verb"], began: number, answer: Answer, more: Partial<Call> = {}): Call {
  const subject = verb === "list" || verb === "start" ? "projects/p" : NAME;
  const text = verb === "start" ? { text: "t" } : {};
  return { verb, subject, ...text, began, ended: began + 1, answer, ...more };
}

function shows(seen: Partial<Seen> = {}): Answer {
  return { kind: "operation", operation: { name: NAME, done: false, attempt: 0, ...seen } };
}

const DONE = { done: true, attempt: 1, outcome: '{"text":"t"}', text: "t" } as const;
const CANCELLED = { done: true, attempt: 1, outcome: '{"code":1}', errorCode: 1 } as const;
const [EMPTY, MISSING, UNKNOWN] = [{ kind: "empty" }, { kind: "missing" }, { kind: "unknown" }] as const;
const started = call("start", 0, shows());

/** Histories that each break one promise, and the beginning of the expected finding. */
const BAD: Readonly<Record<string, readonly [finding: string, ...calls: Call[]]>> = {
  "an acknowledged start that is lost": ["lost", started, call("get", 2, MISSING)],
  "an operation that a wait does not find, after a cancel with an unknown outcome": [
    "lost",
    started,
    call("cancel", 2, UNKNOWN),
    call("wait", 4, MISSING),
  ],
  "a first delete that finds nothing": ["lost", started, call("delete", 2, MISSING)],
  "an operation that disappears before a request to delete it": [
    "lost",
    started,
    call("get", 2, MISSING),
    call("delete", 4, EMPTY),
  ],
  "a deleted operation that reappears": ["back", started, call("delete", 2, EMPTY), call("get", 4, shows())],
  "a deleted operation in a list": [
    "back",
    started,
    call("delete", 2, EMPTY),
    call("list", 4, { kind: "list", operations: [{ name: NAME, done: false, attempt: 0 }] }),
  ],
  "another result": [
    "changed",
    started,
    call("get", 2, shows(DONE)),
    call("get", 4, shows({ ...DONE, outcome: '{"text":"t","attempt":2}' })),
  ],
  "another result seen at the same time": [
    "changed",
    started,
    call("cancel", 1, UNKNOWN),
    call("get", 2, shows(DONE)),
    call("get", 2, shows(CANCELLED)),
  ],
  "a done operation that is unfinished again": [
    "undone",
    started,
    call("get", 2, shows(DONE)),
    call("get", 4, shows({ attempt: 1 })),
  ],
  "a done operation that is unfinished in a list": [
    "undone",
    started,
    call("wait", 2, shows(DONE)),
    call("list", 4, { kind: "list", operations: [{ name: NAME, done: false, attempt: 1 }] }),
  ],
  "an attempt number that decreases": [
    "fallen: attempt",
    started,
    call("get", 2, shows({ attempt: 2 })),
    call("get", 4, shows({ attempt: 1 })),
  ],
  "a revision that decreases": [
    "fallen: revision",
    started,
    call("get", 2, shows({ revision: 3 })),
    call("get", 4, shows({ revision: 2 })),
  ],
  "an end by cancellation without a request": ["failed", started, call("get", 2, shows(CANCELLED))],
  "an end by cancellation before the request": [
    "failed",
    started,
    call("get", 2, shows(CANCELLED)),
    call("cancel", 4, EMPTY),
  ],
  "an end by any other error": [
    "failed",
    started,
    call("cancel", 2, EMPTY),
    call("get", 4, shows({ done: true, attempt: 1, outcome: '{"code":13}', errorCode: 13 })),
  ],
  "a result of another operation": ["mixed up", started, call("get", 2, shows({ ...DONE, text: "u" }))],
  "a request id with two operations": [
    "started twice: request id",
    started,
    call("get", 2, shows(DONE)),
    call("start", 4, shows({ name: "projects/p/operations/b", ...DONE, text: "t" })),
  ],
  "two operations of one start, one never acknowledged": [
    "started twice",
    started,
    call("get", 2, shows(DONE)),
    call("list", 4, {
      kind: "list",
      operations: [
        { name: NAME, ...DONE },
        { name: "projects/p/operations/b", ...DONE },
      ],
    }),
  ],
  "a list that lacks an operation after a get": [
    "unlisted",
    started,
    call("list", 2, { kind: "list", operations: [] }),
  ],
};

describe("check()", () => {
  for (const [what, [finding, ...calls]] of Object.entries(BAD)) {
    it(`refuses ${what}`, () => {
      const findings = check(calls, { complete: false });
      assert.ok(
        findings.some((each) => each.startsWith(finding)),
        findings.join("\n"),
      );
    });
  }

  it("refuses an operation that is unfinished at the end, and only at the end", () => {
    const calls = [started, call("get", 2, shows({ attempt: 1 }))];
    assert.deepEqual(check(calls, { complete: false }), []);
    assert.match(check(calls, { complete: true })[0] ?? "", /^unfinished/);
  });

  it("refuses a queue that stands still after the fault, except for operations that were deleted or have no limit", () => {
    const queued = call("start", 0, shows(), { key: "queueOne a" });
    const goesOn = { from: 10, withinMs: 5 };
    const findings = (...calls: Call[]): readonly string[] => check(calls, { complete: false, goesOn });
    const doneAt = (began: number): Call => call("wait", began, shows(DONE));
    assert.match(findings(queued).join(), /^stands still: .* of queueOne a was unfinished to the end/);
    assert.match(findings(queued, doneAt(15)).join(), /^stands still: .* of queueOne a .* for 6 ms/);
    assert.deepEqual(findings(queued, doneAt(14)), []);
    assert.deepEqual(findings(queued, call("delete", 12, EMPTY)), []);
    assert.deepEqual(findings(started, doneAt(50)), []);
    const late = { ...queued, began: 20, ended: 21 };
    assert.match(findings(late, doneAt(27)).join(), /for 7 ms/);
    assert.deepEqual(findings(late, doneAt(25)), []);
  });

  it("accepts overlapping calls in either order", () => {
    const at = { began: 2, ended: 9 };
    const calls = [
      call("start", 0, shows({ revision: 1 })),
      call("get", 3, shows({ ...DONE, revision: 4 })),
      call("get", 2, shows({ attempt: 1, revision: 2 }), at),
      call("list", 0, { kind: "list", operations: [] }, { began: 0, ended: 9 }),
      call("delete", 8, EMPTY),
      call("get", 7, MISSING, { began: 7, ended: 12 }),
      call("get", 7, shows({ ...DONE, revision: 4 }), { began: 7, ended: 12 }),
    ];
    assert.deepEqual(check(calls, { complete: true }), []);
  });

  it("accepts a repeated start, a cancel that worked, and a repeated delete of unknown outcome", () => {
    const calls = [
      call("start", 0, UNKNOWN),
      call("start", 2, shows()),
      call("start", 4, shows({ attempt: 1 })),
      call("cancel", 6, EMPTY),
      call("wait", 8, shows(CANCELLED)),
      call("delete", 10, UNKNOWN),
      call("delete", 12, MISSING),
      call("list", 14, { kind: "list", operations: [] }),
    ];
    assert.deepEqual(check(calls, { complete: true }), []);
  });

  it("reports twenty findings and counts the rest", () => {
    const calls = [started, ...Array.from({ length: 30 }, (_, index) => call("get", 2 + index * 2, MISSING))];
    const findings = check(calls, { complete: false });
    assert.equal(findings.length, 21);
    assert.equal(findings.at(-1), "and 10 more");
  });
});
