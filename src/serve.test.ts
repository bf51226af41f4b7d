import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { defineMethod } from "./index.ts";
import { serve } from "./serve.ts";

const entered = Promise.withResolvers<void>();
const sleepy = defineMethod({
  name: "sleepy",
  request: z.object({}),
  async run(_request, { signal }) {
    entered.resolve();
    await new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    });
  },
});

describe("serve()", () => {
  it("serves, and on stop answers who waits and gives back what runs", async () => {
    const served = await serve({ methods: [sleepy], store: "sqlite::memory:", port: 0 });
    const post = (path: string): Promise<Response> => fetch(`${served.url}/v1${path}`, { method: "POST" });
    const { name } = (await (await post(":sleepy")).json()) as { name: string };
    await entered.promise;
    assert.equal(served.operations.running, 1);
    const waiting = post(`/${name}:wait`);
    // The wait has arrived once a later request on another connection is answered.
    await (await fetch(`${served.url}/v1/${name}`)).arrayBuffer();
    await served.stop({ drain: "0s" });
    const latest = (await (await waiting).json()) as { done?: boolean };
    assert.equal(latest.done, undefined);
    await assert.rejects(fetch(served.url));
  });

  it("says what to do when the port is taken, and closes what it had opened", async () => {
    const first = await serve({ methods: [sleepy], store: "sqlite::memory:", port: 0 });
    const port = Number(new URL(first.url).port);
    await assert.rejects(serve({ methods: [sleepy], store: "sqlite::memory:", port }), /port/i);
    await first.stop();
  });
});
