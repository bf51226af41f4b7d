import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { z } from "zod";
import { defineMethod, httpTarget, openOperations } from "../index.ts";
import { Receiver } from "../outbound/receiver.suite.ts";
import { answering, openTargetWorld } from "./target-world.suite.ts";

const secretOf = (byte: number): string => `whsec_${Buffer.alloc(32, byte).toString("base64")}`;

suite("a target identifies the service", () => {
  test("by signatures that verifiers of Standard Webhooks accept, with each secret", async () => {
    await using target = await Receiver.open();
    const [newer, older] = [secretOf(1), secretOf(2)];
    const method = defineMethod({
      name: "resize",
      request: z.object({ file: z.string() }),
      response: z.object({ width: z.number() }),
      run: httpTarget({ url: target.url, auth: { secret: [newer, older] } }),
    });
    target.answer = answering(200, { width: 7 });
    const operations = await openOperations({ methods: [method], store: "sqlite::memory:" });
    const { name } = await operations.start(method, { file: "ä" });
    assert.equal((await operations.wait(name, { method })).response?.width, 7);
    const [arrival] = target.arrivals;
    assert.ok(arrival);
    for (const secret of [newer, older])
      assert.deepEqual(new Webhook(secret).verify(arrival.body, arrival.headers as Record<string, string>), {
        file: "ä",
      });
    assert.equal(arrival.headers["webhook-id"], name.split("/").at(-1));
    await operations.stop();
  });

  test("by a constant token", async () => {
    await using world = await openTargetWorld({ target: { auth: { bearer: "opaque-1" } } });
    await world.answered(answering(200, { width: 7 }));
    assert.equal(world.target.arrivals[0]?.headers.authorization, "Bearer opaque-1");
  });
});
