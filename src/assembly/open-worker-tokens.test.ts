import assert from "node:assert/strict";
import { after, test } from "node:test";
import { z } from "zod";
import { StatusError } from "../core/error/error.ts";
import { defineMethod } from "../core/method/method.ts";
import { remote } from "../core/method/remote.ts";
import { Teller } from "../core/teller.ts";
import { startTestServer } from "../testing/test-server.ts";
import { Events } from "../worker/test-worker.suite.ts";
import { openWorkerToldBy } from "./open-worker.ts";

const declared = { name: "held", request: z.object({}), metadata: z.object({ step: z.string() }) };

test("the thread that renews leases sends a changed token", async () => {
  let valid = "first";
  const authenticate = ({
    headers: { authorization },
  }: {
    readonly headers: Readonly<Record<string, unknown>>;
  }) => {
    if (authorization === `Bearer ${valid}`) return { principal: "user:worker" };
    throw new StatusError("UNAUTHENTICATED", "That token is no good any more.");
  };
  await using server = await startTestServer([defineMethod({ ...declared, run: remote() })], {
    access: { authenticate },
  });
  const [changed, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const method = defineMethod({
    ...declared,
    async run(_, { report }) {
      await changed.promise;
      // The call for the report requests the token.
      report({ step: "on" });
      await over.promise;
    },
  });
  const teller = new Teller();
  const events = new Events();
  teller.watch(events.listener);
  const credentials = { token: () => valid };
  const options = { server: server.url, methods: [method], credentials, lease: "5s" } as const;
  const worker = await openWorkerToldBy(teller, options);
  after(() => worker.stop({ drain: "0s" }));
  const { name } = await server.operations.start(method, {});
  await events.until("attempt.began");
  valid = "second";
  changed.resolve();
  await events.until("attempt.reported");
  // Longer than the lease.
  assert.equal((await server.operations.wait(name, { timeout: "7s" })).done, false);
  over.resolve();
  assert.equal((await server.operations.wait(name)).error, null);
  await events.until("attempt.ended");
  assert.deepEqual(events.endings, ["completed"]);
});
