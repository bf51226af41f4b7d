import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { z } from "zod";
import { aPort } from "../../test/support/port.ts";
import { createClient } from "../client/index.ts";
import { Events } from "../worker/test-worker.suite.ts";
import { type AttemptAborted, defineMethod, type MethodOptions } from "../core/method/method.ts";
import { StatusError } from "../core/error/error.ts";
import { remote } from "../core/method/remote.ts";
import { Teller } from "../core/teller.ts";
import { openWorker, openWorkerToldBy } from "./open-worker.ts";
import type { OpenWorkerOptions } from "./open-worker-options.ts";
import { Receiver } from "../outbound/receiver.suite.ts";
import { serve } from "./serve.ts";
import { version } from "./version.ts";

const request = z.object({ number: z.number().default(21) });
const response = z.object({ number: z.number() });

type Options = MethodOptions<typeof request, typeof response, undefined>;

/** A method as its server declares it, and the same with a handler. */
function declared(run: Options["run"], options: Partial<Options> = {}) {
  return {
    onServer: defineMethod({ name: "double", request, response, ...options, run: remote() }),
    method: defineMethod({ name: "double", request, response, ...options, run }),
  };
}

const double = declared(({ number }) => ({ number: 2 * number }));

/** A server without handlers. */
async function aServer(methods = [double.onServer], options: Partial<Parameters<typeof serve>[0]> = {}) {
  const served = await serve({ methods, store: "sqlite::memory:", port: 0, concurrency: 0, ...options });
  after(() => served.stop());
  return served;
}

/** A worker whose events can be awaited. */
async function aWorker(options: OpenWorkerOptions) {
  const teller = new Teller();
  const events = new Events();
  teller.watch(events.listener);
  const worker = await openWorkerToldBy(teller, options);
  after(() => worker.stop({ drain: "0s" }));
  return { worker, events };
}

/** The address of a server with a scheme. */
const at = (scheme: string, { url }: { readonly url: string }): string => url.replace("http", scheme);

for (const scheme of ["http", "grpc"])
  suite(`a worker of a server over ${scheme}`, () => {
    test("runs handlers, for work that was there before it and for work that comes later", async () => {
      const served = await aServer();
      const client = createClient(served.url);
      const early = await client.start(double.method, {});
      const { worker } = await aWorker({ server: at(scheme, served), methods: [double.method] });
      assert.deepEqual(await client.result(early), { number: 42 });
      const late = await client.start(double.method, { number: 4 });
      assert.deepEqual(await client.result(late), { number: 8 });
      assert.equal(worker.trouble, undefined);
      await worker.stop();
      assert.equal(worker.running, 0);
    });

    test("a later attempt has the last report of an earlier one", async () => {
      const found: unknown[] = [];
      const options = {
        name: "copy",
        request,
        metadata: z.object({ copied: z.number() }),
        retry: { attempts: 2, initialDelay: "1ms" },
      } as const;
      const served = await aServer([defineMethod({ ...options, run: remote() }) as never]);
      const method = defineMethod({
        ...options,
        run: (_request, { lastReport, report, attempt }) => {
          found.push(lastReport?.copied);
          if (attempt > 1) return;
          report({ copied: 7 });
          throw new Error("again");
        },
      });
      await aWorker({ server: at(scheme, served), methods: [method] });
      const client = createClient(served.url);
      const { metadata } = await client.untilDone(await client.start("copy", {}));
      assert.deepEqual(found, [undefined, 7]);
      assert.equal(metadata["copied"], 7);
    });

    test("many operations need few calls, and all end", async () => {
      const served = await aServer();
      const client = createClient(served.url);
      const { events } = await aWorker({ server: at(scheme, served), methods: [double.method] });
      const items = Array.from({ length: 300 }, (_, number) => ({
        method: double.method,
        request: { number },
      }));
      const started = await client.startMany(items);
      const numbers = await Promise.all(
        started.map(async (each) => {
          if (each.operation === undefined) throw each.error;
          const { number } = (await client.result(each.operation)) as { number: number };
          return number;
        }),
      );
      assert.deepEqual(
        numbers.toSorted((a, b) => a - b),
        items.map((_, number) => 2 * number),
      );
      assert.ok(events.count("claim.sent") < 100, `${events.count("claim.sent")} claims`);
    });

    test("a cancellation reaches the handler", async () => {
      const began = Promise.withResolvers<void>();
      const { onServer, method } = declared(async (_, { signal }) => {
        began.resolve();
        await new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason)),
        );
        return { number: 0 };
      });
      const served = await aServer([onServer]);
      const client = createClient(served.url);
      await aWorker({ server: at(scheme, served), methods: [method], lease: "5s" });
      const operation = await client.start(method, {});
      await began.promise;
      await client.cancel(operation);
      const { error } = await client.untilDone(operation);
      assert.equal(error?.code, "CANCELLED");
    });

    test("running attempts are released when the worker stops, and their progress is kept", async () => {
      const began = Promise.withResolvers<void>();
      const whys: string[] = [];
      const { onServer, method } = declared(async (_, { signal, report, attempt }) => {
        if (attempt > 1) return { number: attempt };
        report({ step: "half" });
        began.resolve();
        await new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            whys.push((signal.reason as AttemptAborted).why);
            reject(signal.reason as Error);
          });
        });
        return { number: 0 };
      });
      const served = await aServer([onServer]);
      const client = createClient(served.url);
      const { worker } = await aWorker({ server: at(scheme, served), methods: [method] });
      const operation = await client.start(method, {});
      await began.promise;
      await worker.stop({ drain: "0s" });
      assert.deepEqual(whys, ["shutdown"]);
      const given = await client.get(operation);
      assert.deepEqual([given.metadata.state, given.metadata["step"]], ["PENDING", "half"]);
      await aWorker({ server: at(scheme, served), methods: [method] });
      assert.deepEqual(await client.result(operation), { number: 2 });
    });

    test("a server that stops and restarts gets its worker back", async () => {
      const port = await aPort();
      const first = await aServer([double.onServer], { port });
      const { events } = await aWorker({ server: at(scheme, first), methods: [double.method] });
      await first.stop();
      await events.until("claims.interrupted");
      const second = await aServer([double.onServer], { port });
      const client = createClient(second.url);
      assert.deepEqual(await client.result(await client.start(double.method, {})), { number: 42 });
      assert.equal(events.count("claims.interrupted"), 1);
      assert.equal(events.count("claims.resumed"), 1);
    });

    test("a worker of a collection gets only the operations below it", async () => {
      const served = await aServer();
      const client = createClient(served.url);
      const elsewhere = await client.start(double.method, {}, { parent: "projects/b" });
      await aWorker({ server: at(scheme, served), methods: [double.method], parent: "projects/a" });
      const below = await client.start(double.method, {}, { parent: "projects/a/locations/l" });
      assert.deepEqual(await client.result(below), { number: 42 });
      assert.equal((await client.get(elsewhere)).metadata.state, "PENDING");
    });

    test("credentials are sent with every call, and refused ones end the worker", async () => {
      const { onServer, method } = declared(async (_, { report }) => {
        report({ step: "half" });
        return { number: 1 };
      });
      const who: Readonly<Record<string, string>> = {
        "Bearer good": "user:worker",
        "Bearer other": "user:other",
      };
      const served = await aServer([onServer], {
        access: {
          authenticate: ({ headers: { authorization } }) => {
            if (authorization === undefined) return undefined;
            const principal = who[String(authorization)];
            if (principal !== undefined) return { principal };
            throw new StatusError("UNAUTHENTICATED", "Who is that?");
          },
          authorize: ({ caller, permission }) =>
            caller.principal === "user:worker" || permission !== "longrunning.operations.claim",
        },
      });
      const opening = (credentials: OpenWorkerOptions["credentials"] = {}) =>
        aWorker({ server: at(scheme, served), methods: [method], credentials });
      await assert.rejects(opening(), { code: "UNAUTHENTICATED", reason: "CREDENTIALS_MISSING" });
      await assert.rejects(opening({ token: "other" }), { code: "PERMISSION_DENIED" });
      await assert.rejects(opening({ token: "bad" }), { code: "UNAUTHENTICATED", message: "Who is that?" });
      await opening({ token: async () => "good" });
      const { name } = await served.operations.start(onServer, {});
      const ended = await served.operations.wait(name, { method: onServer });
      assert.deepEqual(ended.response, { number: 1 });
    });

    test("a method that the server does not declare is refused", async () => {
      const served = await aServer();
      const other = defineMethod({ name: "other", request, run: () => {} });
      await assert.rejects(
        openWorker({ server: at(scheme, served), methods: [double.method, other] }),
        (error) => {
          assert.ok(error instanceof StatusError);
          assert.deepEqual([error.code, error.reason], ["NOT_FOUND", "METHOD_NOT_FOUND"]);
          assert.match(error.message, /other/);
          return true;
        },
      );
    });

    test("a response that the server refuses fails the operation", async () => {
      const strict = z.object({ number: z.number().max(10) });
      const onServer = defineMethod({
        name: "double",
        request,
        response: strict,
        run: () => ({ number: 0 }),
      });
      const served = await aServer([onServer]);
      const client = createClient(served.url);
      await aWorker({ server: at(scheme, served), methods: [double.method] });
      const { error } = await client.untilDone(await client.start(double.method, {}));
      assert.equal(error?.code, "INTERNAL");
      assert.match(JSON.stringify(error.details), /RESPONSE_INVALID/);
    });
  });

test("a worker gives the version of this package", async () => {
  await using server = await Receiver.open();
  server.answer = (answer) => void answer.setHeader("content-type", "application/json").end("{}");
  const { worker } = await aWorker({ server: server.url, methods: [double.method] });
  const [claim] = await server.until(1);
  assert.equal((JSON.parse(claim?.body ?? "") as Record<string, unknown>)["workerVersion"], version());
  await worker.stop();
});
