import assert from "node:assert/strict";
import { StatusError } from "../../../src/index.ts";
import { double, echo, nothing } from "./methods.suite.ts";
import { casesOf, onService, type Subject } from "./subject.suite.ts";

const VALUES: readonly unknown[] = [
  null,
  false,
  0,
  -1.5e-7,
  Number.MAX_SAFE_INTEGER,
  "",
  "ü \u{1F600} \u0000 \\",
  [],
  {},
  [[], [{}], [null, [1, "a", true]]],
  { a: { "b.c": [{ "": null }] }, "@type": "type.googleapis.com/google.protobuf.Empty", value: 1 },
];

/** The promises of `start`. */
export function startSuite(subject: Subject): void {
  const it = casesOf(subject);

  it("start() returns an operation of its parent, whose result follows", () =>
    onService(subject, [double], async (caller) => {
      const started = await caller.start(double, { number: 21 }, { parent: "projects/ü/locations/l" });
      assert.match(started.name, /^projects\/ü\/locations\/l\/operations\/[0-9a-f-]{36}$/);
      assert.deepEqual(await caller.result(started), { number: 42 });
      const { done, response, error } = await caller.get(started);
      assert.deepEqual([done, response, error], [true, { number: 42 }, null]);
    }));

  it(
    "start() fills the metadata that every operation has",
    () =>
      onService(subject, [double], async (caller, clock) => {
        const { name } = await caller.start(double, { number: 1 }, { timeToLive: "1.5h" });
        await caller.result(name);
        const { metadata } = await caller.get(name);
        const now = new Date(clock.now()).toISOString().replace(".000Z", "Z");
        assert.deepEqual(
          [metadata.verb, metadata.state, metadata.attempt, metadata.apiVersion],
          ["double", "SUCCEEDED", 1, "v1"],
        );
        assert.deepEqual(
          [metadata.createTime, metadata.endTime].map((time) => time?.replace(".000Z", "Z")),
          [now, now],
        );
        assert.equal(Date.parse(metadata.expireTime ?? "") - clock.now(), 5_400_000);
      }),
    "metadata",
  );

  it("start() carries any JSON to the handler and back", () =>
    onService(subject, [echo], async (caller) => {
      for (const value of VALUES) {
        const started = await caller.start(echo, { value: value as never });
        assert.deepEqual(await caller.result(started), { value });
      }
    }));

  it("start() of a method without a response has the response null", () =>
    onService(subject, [nothing], async (caller) => {
      assert.equal(await caller.result(await caller.start(nothing, {})), null);
    }));

  it("start() with a request id twice is one start", () =>
    onService(subject, [double], async (caller) => {
      const options = { parent: "projects/p", requestId: "ü/1" };
      const first = await caller.start(double, { number: 1 }, options);
      const again = await caller.start(double, { number: 1 }, options);
      const other = await caller.start(double, { number: 1 }, { ...options, requestId: "2" });
      assert.equal(again.name, first.name);
      assert.notEqual(other.name, first.name);
    }));

  it("start() with the request id of a different request is refused", () =>
    onService(subject, [double], async (caller) => {
      const first = await caller.start(double, { number: 1 }, { requestId: "r" });
      await assert.rejects(caller.start(double, { number: 2 }, { requestId: "r" }), {
        code: "INVALID_ARGUMENT",
        reason: "REQUEST_ID_REUSED",
        metadata: { requestId: "r", operation: first.name },
      });
    }));

  it("start() with validateOnly checks everything and starts nothing", () =>
    onService(subject, [double], async (caller) => {
      const { name, done, response } = await caller.start(double, { number: 1 }, { validateOnly: true });
      assert.deepEqual([name, done, response], ["", true, {}]);
      await assert.rejects(caller.start(double, { number: "1" as never }, { validateOnly: true }), {
        reason: "REQUEST_INVALID",
      });
      assert.deepEqual((await caller.listPage()).operations, []);
    }));

  it("start() preserves what JSON preserves, and refuses what JSON would lose", () =>
    onService(subject, [echo], async (caller) => {
      const [first, second] = [new Date(0), new Date(1)];
      const value = { at: first, from: new URL("https://a.example/"), gone: undefined } as never;
      const started = await caller.start(echo, { value }, { requestId: "r" });
      assert.deepEqual(await caller.result(started), {
        value: { at: "1970-01-01T00:00:00.000Z", from: "https://a.example/" },
      });
      const again = await caller.start(echo, { value }, { requestId: "r" });
      assert.equal(again.name, started.name);
      const other = caller.start(echo, { value: { at: second } as never }, { requestId: "r" });
      await assert.rejects(other, { reason: "REQUEST_ID_REUSED" });
      for (const lost of [Number.NaN, Infinity, new Map(), () => 1, [undefined], "\uD800", 5n])
        await assert.rejects(caller.start(echo, { value: { a: [lost] } as never }), {
          code: "INVALID_ARGUMENT",
          reason: "REQUEST_INVALID",
          message: /value\.a\[0\]/,
        });
    }));

  it("start() with an invalid request names the invalid field", () =>
    onService(subject, [double], async (caller) => {
      const error = await caller
        .start(double, { number: "1", nummer: 2 } as never)
        .catch((caught: unknown) => caught);
      assert.ok(error instanceof StatusError);
      assert.deepEqual(
        [error.code, error.reason, error.metadata],
        ["INVALID_ARGUMENT", "REQUEST_INVALID", { method: "double" }],
      );
      const violations = error.details.find((each) => each["@type"].endsWith(".BadRequest"));
      assert.deepEqual(violations, {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        fieldViolations: [
          { field: "number", description: "Invalid input: expected number, received string" },
          { description: 'Unrecognized key: "nummer"' },
        ],
      });
    }));

  it("start() refuses invalid parents, request ids and times to live", () =>
    onService(subject, [double], async (caller) => {
      for (const [options, reason] of [
        [{ parent: "projects/p q" }, "NAME_INVALID"],
        [{ parent: "projects/-" }, "NAME_INVALID"],
        [{ requestId: "" }, "REQUEST_ID_INVALID"],
        [{ requestId: "r".repeat(129) }, "REQUEST_ID_INVALID"],
        [{ requestId: "p\0q" }, "REQUEST_ID_INVALID"],
        [{ requestId: "p\u0085q" }, "REQUEST_ID_INVALID"],
        [{ requestId: "p\uD800" }, "REQUEST_ID_INVALID"],
        [{ parent: "projects/p\0" }, "NAME_INVALID"],
        [{ parent: "projects/p\uDC00" }, "NAME_INVALID"],
        [{ timeToLive: "3h" }, "TIME_TO_LIVE_INVALID"],
        [{ timeToLive: "0s" }, "TIME_TO_LIVE_INVALID"],
      ] as const)
        await assert.rejects(caller.start(double, { number: 1 }, options), {
          code: "INVALID_ARGUMENT",
          reason,
        });
    }));

  it(
    "start() by name finds declared methods and no others",
    () =>
      onService(subject, [double], async (caller) => {
        assert.deepEqual(await caller.result(await caller.start("double", { number: 2 })), { number: 4 });
        await assert.rejects(caller.start("triple", {}), {
          code: "NOT_FOUND",
          reason: "METHOD_NOT_FOUND",
          metadata: { method: "triple" },
        });
      }),
    "names",
  );
}
