import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../../core/caller.ts";
import { LIMITS } from "../../core/limits.ts";
import { defineMethod } from "../../core/method/method.ts";
import { openTestEngine } from "../../testing/test-engine.ts";
import { CachedGets } from "./cached-get.ts";

const clean = defineMethod({ name: "clean", request: z.object({}), run: () => {} });

describe("CachedGets", () => {
  it("renders once until the operation changes or the server stops", async () => {
    await using test = await openTestEngine([clean]);
    const { operations } = test.engine;
    const cachedGets = new CachedGets(operations, test.clock);
    const { id } = await operations.start(ANONYMOUS, { method: "clean", request: {} });
    const name = `operations/${id}`;
    let renderings = 0;
    const render = async (): Promise<Uint8Array> => Uint8Array.of(++renderings);
    assert.deepEqual(await cachedGets.get(ANONYMOUS, name, render), Uint8Array.of(1));
    assert.deepEqual(cachedGets.get(ANONYMOUS, name, render), Uint8Array.of(1));
    await operations.cancel(ANONYMOUS, name);
    assert.deepEqual(await cachedGets.get(ANONYMOUS, name, render), Uint8Array.of(2));
    operations.stop();
    assert.deepEqual(await cachedGets.get(ANONYMOUS, name, render), Uint8Array.of(3));
  });

  it("keeps everything except failures, unusual names, and answers without room", async () => {
    await using test = await openTestEngine([clean]);
    const cachedGets = new CachedGets(test.engine.operations, test.clock);
    const name = "operations/019b76da-a800-7000-920a-25c3dc39c06c";
    await assert.rejects(async () => cachedGets.get(ANONYMOUS, name, () => Promise.reject(new Error("no"))));
    await cachedGets.get(ANONYMOUS, name, async () => new Uint8Array(LIMITS.renderedBytesMax));
    await cachedGets.get(ANONYMOUS, "operations/x", async () => new Uint8Array(1));
    let asked = 0;
    const render = async (): Promise<Uint8Array> => Uint8Array.of(++asked);
    await cachedGets.get(ANONYMOUS, "operations/x", render);
    await cachedGets.get(ANONYMOUS, name, render);
    assert.equal(asked, 2);
    const large = "operations/019b76da-a800-7000-920a-25c3dc39c06d";
    const bytes = await cachedGets.get(ANONYMOUS, large, async () => new Uint8Array(1_000_000));
    assert.equal(cachedGets.get(ANONYMOUS, large, render), bytes);
  });
});
