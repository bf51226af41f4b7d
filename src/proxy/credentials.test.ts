import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import { formatName } from "../core/operation/name.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Sealer } from "../core/ports/sealer.ts";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import { openTestEngine } from "../testing/test-engine.ts";
import { Credentials, KIND } from "./credentials.ts";
import { httpRequestMethod } from "./method.ts";
import { startRequest } from "./starting.ts";
import { Upstream } from "./upstream.ts";

const METHOD = httpRequestMethod({
  heapBytesMax: 2 ** 32,
  upstream: new Upstream("http://127.0.0.1:9"),
  clock: new ManualClock(),
  patienceMs: 1,
  traceparent: () => undefined,
});

/** Encodes bytes together with their binding. */
const SEALER: Sealer = {
  seal: (text, binding) => Buffer.from(`${binding}\n${text}`).toString("base64"),
  open: (sealed, binding) => {
    const [place, text] = Buffer.from(sealed, "base64").toString().split("\n");
    return place === binding ? text : undefined;
  },
  need: async (resources) => {
    await resources.put({ kind: "note", name: "a", dueTime: null, value: "{}" }, null);
  },
  needOnly: async (resources, sealed) => {
    if (sealed.length === 0) await resources.remove("note", "a");
  },
};

const HEADERS = ["Authorization", "Bearer x", "Cookie", "c=1", "X-API-Key", "k", "X-Own", "1"];
const SECRET = [
  ["Authorization", "Bearer x"],
  ["Cookie", "c=1"],
  ["X-API-Key", "k"],
];

async function aWorld(sealer = SEALER) {
  const opened = await openTestEngine([METHOD]);
  const { engine, store, clock } = opened;
  const tell = {};
  const credentials = new Credentials({ sealer, clock, service: "s", tell });
  credentials.start(store);
  return {
    store,
    clock,
    credentials,
    operations: engine.operations,
    noted: async () => (await store.resources.list("note", 10)).length > 0,
    kept: async () => (await store.resources.list(KIND, 10)).map(({ name }) => name),
    start: (body = "abc", idempotencyKey?: string, headers = HEADERS): Promise<Operation> =>
      startRequest(
        engine.operations,
        ANONYMOUS,
        { parent: "", method: "POST", target: "/", headers, body: Buffer.from(body), idempotencyKey },
        credentials,
      ),
    [Symbol.asyncDispose]: async () => {
      await credentials.stop();
      await opened[Symbol.asyncDispose]();
    },
  };
}

suite("credentials of requests", () => {
  test("are stored encrypted beside the operation, can be opened only for it, and are removed at its end", async () => {
    await using world = await aWorld();
    const operation = await world.start();
    assert.deepEqual(await world.kept(), [operation.id]);
    assert.equal(operation.request.includes("Bearer"), false);
    const name = formatName(operation);
    assert.deepEqual(await world.credentials.of(name), SECRET);
    await assert.rejects(world.credentials.of(`callers/other/${name}`), { reason: "CREDENTIALS_UNREADABLE" });
    await world.operations.cancel(ANONYMOUS, name);
    while ((await world.kept()).length > 0) await settled();
    assert.deepEqual(await world.credentials.of(name), []);
  });

  test("are removed together with the operation, and do not exist for requests without any", async () => {
    await using world = await aWorld();
    const operation = await world.start();
    await world.operations.delete(ANONYMOUS, formatName(operation));
    while ((await world.kept()).length > 0) await settled();
    await world.start("abc", undefined, ["X-Own", "1"]);
    assert.deepEqual(await world.kept(), []);
  });

  test("of a repeated or refused request are not stored besides those of the first", async () => {
    await using world = await aWorld();
    const first = await world.start("abc", "key");
    const again = await world.start("abc", "key", [...HEADERS, "X-Time", "2"]);
    assert.equal(again.id, first.id);
    await world.start("abc", "key");
    await assert.rejects(world.start("other", "key"), { reason: "IDEMPOTENCY_KEY_REUSED" });
    assert.deepEqual(await world.kept(), [first.id]);
  });

  test("that were left behind are removed: at once after an end, and after a while if there is no operation", async () => {
    await using world = await aWorld();
    const { store, clock, credentials } = world;
    const waiting = await world.start();
    const done = await world.start();
    await credentials.stop();
    await world.operations.cancel(ANONYMOUS, formatName(done));
    await credentials.keep("operations/0199aabb-ccdd-7eff-8000-000000000001", [["Cookie", "c"]]);
    assert.equal((await world.kept()).length, 3);
    credentials.start(store);
    await clock.advance(0);
    while ((await world.kept()).length > 2) await settled();
    await clock.advance(LIMITS.proxyCredentialsAloneMs + LIMITS.proxyCredentialsLookMs);
    while ((await world.kept()).length > 1) await settled();
    assert.deepEqual(await world.kept(), [waiting.id]);
    assert.equal(await world.noted(), true);
    await world.operations.cancel(ANONYMOUS, formatName(waiting));
    while ((await world.kept()).length > 0) await settled();
    await clock.advance(LIMITS.proxyCredentialsLookMs);
    while (await world.noted()) await settled();
  });
});
