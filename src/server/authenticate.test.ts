import assert from "node:assert/strict";
import { test } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import { systemClock } from "../core/ports/clock.ts";
import { serviceError } from "../core/error/error.ts";
import type { Authenticate } from "../core/ports/authenticate.ts";
import { anonymously, callerAtOnce, withSender } from "./authenticate.ts";

const sender = (headers: Record<string, string | string[]>) => ({ headers, socket: undefined });

test("anonymously() makes every caller anonymous, with its fields for quota and trace", () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  assert.equal(anonymously(sender({ authorization: "Bearer t" })), ANONYMOUS);
  assert.deepEqual(anonymously(sender({ "x-goog-user-project": "p", traceparent })), {
    ...ANONYMOUS,
    quotaProject: "p",
    traceparent,
  });
  assert.deepEqual(anonymously(sender({ "x-goog-user-project": ["p", "q"] })), ANONYMOUS);
});

test("withSender() adds the bounded origin of a call to callers, known at once or later", async () => {
  const from = { ...sender({ "user-agent": "x".repeat(1_000) }), socket: { remoteAddress: "192.0.2.7" } };
  const added = { ip: "192.0.2.7", userAgent: "x".repeat(LIMITS.userAgentLengthMax) };
  assert.deepEqual(withSender(anonymously)(from), { ...ANONYMOUS, sender: added });
  assert.deepEqual(await withSender(async () => ANONYMOUS)(from), { ...ANONYMOUS, sender: added });
  const unknown = { ip: undefined, userAgent: undefined };
  assert.deepEqual(withSender(anonymously)(sender({})), { ...ANONYMOUS, sender: unknown });
});

test("withSender() leaves callers unchanged while nobody needs the origin, and adds it as soon as somebody does", async () => {
  let isAsked = false;
  const known = { ...ANONYMOUS, principal: "user:ada" };
  const from = sender({ "x-goog-quota-user": "u" });
  for (const made of [() => known, async () => known]) {
    isAsked = false;
    const authenticate = withSender(made, undefined, () => isAsked);
    assert.equal(await authenticate(from), known);
    isAsked = true;
    assert.equal((await authenticate(from)).quotaUser, "u");
  }
});

test("withSender() reports the sender of a refused call once, before the refusal", async () => {
  const refusal = serviceError("REQUEST_MALFORMED", "No.");
  const throwing: Authenticate = () => {
    throw refusal;
  };
  for (const refusing of [throwing, () => Promise.reject(refusal)]) {
    const told: unknown[] = [];
    const written = Promise.withResolvers<void>();
    const authenticate = withSender(refusing, (_, from, error) => {
      told.push(from.ip, error);
      return written.promise;
    });
    const from = { ...sender({}), socket: { remoteAddress: "192.0.2.7" } };
    const first = Promise.resolve(authenticate(from)).catch((error: unknown) => told.push("refused", error));
    await new Promise<void>((next) => systemClock.soon(next));
    assert.deepEqual(told, ["192.0.2.7", refusal]);
    written.resolve();
    await first;
    await assert.rejects(Promise.resolve(authenticate(from)), refusal);
    assert.deepEqual(told, ["192.0.2.7", refusal, "refused", refusal]);
  }
});

test("callerAtOnce() has no caller for missing or slow credentials, and leaves no rejection", async () => {
  const refusal = serviceError("REQUEST_MALFORMED", "No.");
  const refuse = () => {
    throw refusal;
  };
  assert.equal(
    callerAtOnce(() => ANONYMOUS, sender({})),
    ANONYMOUS,
  );
  assert.equal(callerAtOnce(refuse, sender({})), undefined);
  assert.equal(
    callerAtOnce(() => Promise.reject(refusal), sender({})),
    undefined,
  );
  await new Promise<void>((resolve) => systemClock.soon(resolve));
});
