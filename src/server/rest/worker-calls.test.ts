import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest, ServerResponse } from "node:http";
import { suite, test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import { aClaim, FakeWorkers, NOW } from "../workers/fake-workers.suite.ts";
import { type Called, openRestServer, type RestServer } from "./rest-server.suite.ts";

const { name: NAME, ...FLAT } = { name: "projects/p/operations/a", attempt: 1, token: "t" };
const attempt = (name: string) => ({ name, attempt: 1, token: "t" });

interface WorkerServer extends RestServer {
  readonly workers: FakeWorkers;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Called>;
}

/** A server that records the calls of the workers' use cases. */
async function open(): Promise<WorkerServer> {
  const workers = new FakeWorkers();
  const server = await openRestServer(undefined, { workers });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Called> =>
    server.call("POST", path, { body: typeof body === "string" ? body : JSON.stringify(body), headers });
  return { ...server, workers, post, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

suite("POST /v1/…/operations:claim", () => {
  test("claims in the collection of the address, or of the body", async () => {
    await using server = await open();
    const { workers } = server;
    workers.onClaim = async () => ({ claims: [aClaim(NAME, { request: '{"a":1}' })], time: NOW });
    const body = {
      methods: ["pack"],
      worker: "w",
      lease: "60s",
      timeout: "20s",
      requestId: "r",
      limit: 2,
      workerVersion: "1",
    };
    const { status, json } = await server.post("/v1/projects/p/operations:claim", body);
    const { claims, serverTime } = json as { claims?: Record<string, unknown>[]; serverTime?: string };
    assert.deepEqual([status, serverTime], [200, "2026-01-01T00:00:00.000Z"]);
    assert.deepEqual([claims?.[0]?.["attempt"], claims?.[0]?.["request"]], [attempt(NAME), { a: 1 }]);
    await server.post("/v1/operations:claim", { ...body, parent: "projects/q" });
    await server.post("/v1/projects%2Fr/operations:claim", body);
    await server.post("/v1/operations:claim", "");
    const claim = {
      methods: ["pack"],
      worker: "w",
      limit: 2,
      leaseMs: 60_000,
      timeoutMs: 20_000,
      requestId: "r",
      workerVersion: "1",
    };
    const nothing = { parent: "", methods: [], worker: "", limit: undefined, leaseMs: undefined };
    assert.deepEqual(workers.asked, [
      ["claim", { ...claim, parent: "projects/p" }],
      ["claim", { ...claim, parent: "projects/q" }],
      ["claim", { ...claim, parent: "projects/r" }],
      ["claim", { ...nothing, timeoutMs: 0, requestId: "", workerVersion: "" }],
    ]);
  });

  test("an empty poll is an empty list; the wait ends before the caller's own timeout", async () => {
    await using server = await open();
    const body = { methods: ["pack"], worker: "w", timeout: "20s" };
    const { text } = await server.post("/v1/operations:claim?prettyPrint=false", body, {
      "x-server-timeout": "5",
    });
    assert.equal(text, '{"claims":[],"serverTime":"2026-01-01T00:00:00.000Z"}');
    const [[, asked] = []] = server.workers.asked;
    assert.equal((asked as { readonly timeoutMs: number }).timeoutMs, 4_750);
  });

  test("a large answer is on one line, and within the maximum size", async () => {
    await using server = await open();
    const request = JSON.stringify(
      Object.fromEntries(Array.from({ length: 9_000 }, (_, at) => [`k${at}`, at])),
    );
    const claims = Array.from({ length: 40 }, (_, index) => aClaim(`operations/${index}`, { request }));
    server.workers.onClaim = async () => ({ claims, time: NOW });
    const { text } = await server.post("/v1/operations:claim", {});
    assert.ok(!text.includes("\n") && Buffer.byteLength(text) <= LIMITS.remoteMessageBytesMax);
    const given = (JSON.parse(text) as { readonly claims: readonly unknown[] }).claims.length;
    const [, [, released] = []] = server.workers.asked;
    assert.equal(
      (released as { readonly attempts: readonly unknown[] }).attempts.length,
      claims.length - given,
    );
  });

  test("a caller that hangs up ends the wait", async () => {
    await using server = await open();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: gone, resolve: go } = Promise.withResolvers<void>();
    server.workers.onClaim = async (_, { waiting }) => {
      waiting?.addEventListener("abort", go);
      begin();
      await gone;
      assert.equal(waiting?.aborted, true);
      return { claims: [], time: NOW };
    };
    const call = httpRequest(`${server.url}/v1/operations:claim`, { method: "POST" });
    call.on("error", () => undefined);
    call.end('{"methods":["pack"],"worker":"w","timeout":"20s"}');
    await begun;
    call.destroy();
    await gone;
  });

  test("an invalid field is reported, in both formats", async () => {
    await using server = await open();
    const { status, json } = await server.post("/v1/operations:claim?$.xgafv=1", { methods: [5] });
    assert.deepEqual(
      [status, json?.error?.status, json?.error?.errors?.length],
      [400, "INVALID_ARGUMENT", 1],
    );
    const violations = json?.error?.details.flatMap(({ fieldViolations = [] }) => fieldViolations);
    assert.deepEqual(
      violations?.map(({ field }) => field),
      ["methods[0]"],
    );
    const large = await server.post("/v1/operations:claim", "x".repeat(LIMITS.bodyBytesMax + 1));
    assert.equal(large.json?.error?.details[0]?.reason, "BODY_TOO_LARGE");
    const query = await server.post("/v1/operations:claim?methods=pack", {});
    assert.equal(query.json?.error?.details[0]?.reason, "PARAMETER_INVALID");
    assert.equal((await server.call("GET", "/v1/operations:claim")).status, 405);
    assert.deepEqual(server.workers.asked, []);
  });
});

suite("POST /v1/operations:renew, :complete, :fail and :release", () => {
  test("answer each entry in its place, and execute the valid ones together", async () => {
    await using server = await open();
    const entries = [{ attempt: attempt("operations/a") }, 7, { attempt: attempt("operations/lost") }];
    for (const [verb, field] of [
      ["complete", "completions"],
      ["renew", "renewals"],
    ] as const) {
      const { status, json } = await server.post(`/v1/operations:${verb}`, { [field]: entries });
      const { answers } = json as { answers?: readonly { error?: { code: number; message: string } }[] };
      assert.deepEqual([status, answers?.map(({ error }) => error?.code)], [200, [undefined, 3, 10]]);
      assert.match(answers?.[1]?.error?.message ?? "", new RegExp(`'${field}\\[1\\]': expected an object`));
    }
    const error = { code: 14, message: "away" };
    const failures = [{ attempt: attempt("operations/a"), error, retryDelay: "5s" }];
    assert.deepEqual((await server.post("/v1/operations:fail", { failures })).json, {
      answers: [{ state: "SUCCEEDED" }],
    });
    const release = { attempts: [attempt("operations/a")], delay: "3s" };
    await server.post("/v1/operations:release", release);
    assert.deepEqual(
      server.workers.asked.map(([verb]) => verb),
      ["complete", "renew", "fail", "release"],
    );
    assert.deepEqual(server.workers.asked[3], ["release", { attempts: release.attempts, delayMs: 3_000 }]);
  });

  test("refuse a list as a whole if it is empty, too long, or not such a message", async () => {
    await using server = await open();
    for (const [body, rule] of [
      ["{}", /'completions': expected 1 to 1000 entries, got 0/],
      [`{"completions":[${"1,".repeat(1_000)}1]}`, /got 1001/],
      ['{"completions":{}}', /'completions': expected a list/],
      ['{"completion":[]}', /Unknown name "completion"/],
      ["[]", /expected an object/],
      ['{"completions":[{"attempt":{"attempt":1e999}}]}', /too large/],
    ] as const) {
      const { status, json } = await server.post("/v1/operations:complete", body);
      assert.deepEqual([status, json?.error?.message.match(rule)?.length], [400, 1], json?.error?.message);
    }
    assert.deepEqual(server.workers.asked, []);
  });

  test("accept bodies three times as large as others, and no larger", async () => {
    await using server = await open();
    const completions = Array.from({ length: 5 }, (_, index) => ({
      attempt: attempt(`operations/${index}`),
      response: { a: "x".repeat(500_000) },
    }));
    assert.equal((await server.post("/v1/operations:complete", { completions })).status, 200);
    const twice = { completions: [...completions, ...completions] };
    const { status, json } = await server.post("/v1/operations:complete", twice);
    assert.deepEqual([status, json?.error?.details[0]?.reason], [413, "BODY_TOO_LARGE"]);
    assert.equal(server.workers.asked.length, 1);
  });
});

suite("POST /v1/{name=**/operations/*}:renew, :complete, :fail and :release", () => {
  test("take the fields of an entry, and return its answer", async () => {
    await using server = await open();
    const { workers } = server;
    const error = { code: 14, message: "away" };
    const sent = [
      [":complete", { ...FLAT, response: { a: 1 } }, { state: "SUCCEEDED" }],
      [":fail", { ...FLAT, error, final: true }, { state: "SUCCEEDED" }],
      [":release", { ...FLAT, delay: "3s" }, { state: "SUCCEEDED" }],
      [":renew", { ...FLAT, lease: "60s" }, { held: true, lease: "30s", cancelRequested: false }],
    ] as const;
    for (const [verb, body, answer] of sent)
      assert.deepEqual((await server.post(`/v1/${NAME}${verb}`, body)).json, answer, verb);
    assert.deepEqual(
      workers.asked.map(([verb]) => verb),
      ["complete", "fail", "release", "renew"],
    );
    const response = { type: "google.protobuf.Struct", json: '{"a":1}' };
    assert.deepEqual(workers.asked[0], ["complete", [{ attempt: { name: NAME, ...FLAT }, response }]]);
  });

  test("a refused entry is an error of the call", async () => {
    await using server = await open();
    for (const verb of ["renew", "complete", "release"]) {
      const { status, json } = await server.post(`/v1/operations/lost:${verb}`, FLAT);
      assert.deepEqual([status, json?.error?.status], [409, "ABORTED"], verb);
      assert.deepEqual(
        json?.error?.details.map(({ reason }) => reason),
        ["ATTEMPT_LOST"],
        verb,
      );
    }
    const { status, json } = await server.post("/v1/operations/a:complete", { attempt: "x" });
    assert.deepEqual([status, json?.error?.details[0]?.reason], [400, "CLAIM_INVALID"]);
    assert.equal((await server.call("GET", "/v1/operations/a:complete")).status, 405);
  });

  test("curl needs no header, and invalid metadata still renews", async () => {
    await using server = await open();
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const { json } = await server.post("/v1/operations/a:renew", { ...FLAT, metadata: 5 }, form);
    const { held, error } = json as { held?: boolean; error?: { code: number } };
    assert.deepEqual([held, error?.code], [true, 3]);
  });
});

test("a claim that gets work is answered in the same turn", async ({ mock }) => {
  await using server = await open();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const handed = Promise.withResolvers<void>();
  server.workers.onClaim = async () => {
    begin();
    await handed.promise;
    return { claims: [aClaim(NAME)], time: NOW };
  };
  const call = httpRequest(`${server.url}/v1/operations:claim`, { method: "POST" });
  call.end('{"methods":["pack"],"worker":"w","timeout":"20s"}');
  await begun;
  const order: string[] = [];
  const head = Object.getOwnPropertyDescriptor(ServerResponse.prototype, "writeHead");
  mock.method(ServerResponse.prototype, "writeHead", function (this: ServerResponse, ...given: [number]) {
    order.push("written");
    return Reflect.apply(head?.value as () => ServerResponse, this, given);
  });
  systemClock.soon(() => order.push("the next turn"));
  handed.resolve();
  const [response] = (await once(call, "response")) as [{ resume(): void }];
  response.resume();
  assert.deepEqual(order, ["written", "the next turn"]);
});
