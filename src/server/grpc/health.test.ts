import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, it } from "node:test";
import { type ClientReadableStream, status } from "@grpc/grpc-js";
import { service } from "grpc-health-check";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import { Health } from "../probes/health.ts";
import { HealthService } from "./health.ts";
import { type GrpcTest, openGrpcTest, refusal } from "./grpc-server.suite.ts";

interface Told {
  readonly status: string;
}
const { Check: check, Watch: watch, List: list } = service;

async function checked(test: GrpcTest, name: string): Promise<string> {
  assert.ok(check !== undefined);
  const bytes = await test.client.bytes(check.path, check.requestSerialize({ service: name }));
  return (check.responseDeserialize(bytes) as Told).status;
}

function watching(test: GrpcTest): ClientReadableStream<Told> {
  assert.ok(watch !== undefined);
  const { path, requestSerialize, responseDeserialize } = watch;
  const read = (bytes: Buffer): Told => responseDeserialize(bytes) as Told;
  return test.client.client.makeServerStreamRequest(path, requestSerialize, read, { service: "" });
}

describe("grpc.health.v1.Health", () => {
  it("says SERVING for the server and each of its services, and knows no others", async () => {
    await using test = await openGrpcTest();
    for (const name of [
      "",
      "google.longrunning.Operations",
      "longrunning.v1.Methods",
      "longrunning.v1.Watches",
      "longrunning.v1.Workers",
    ]) {
      assert.equal(await checked(test, name), "SERVING");
    }
    assert.equal((await refusal(checked(test, "other.Service"))).code, status.NOT_FOUND);
    assert.ok(list !== undefined);
    const listed = list.responseDeserialize(await test.client.bytes(list.path, Buffer.of())) as {
      statuses: object;
    };
    assert.equal(Object.keys(listed.statuses).length, 5);
  });

  it("refuses invalid requests", async () => {
    await using test = await openGrpcTest();
    assert.ok(check !== undefined && watch !== undefined);
    const broken = Buffer.of(0x0f);
    assert.equal((await refusal(test.client.bytes(check.path, broken))).code, status.INVALID_ARGUMENT);
    assert.equal((await refusal(test.client.bytes(watch.path, broken))).code, status.INVALID_ARGUMENT);
  });

  it("says NOT_SERVING from the moment the process is told to stop, also to watchers", async () => {
    await using test = await openGrpcTest();
    const first = watched(test);
    await first.statuses(1);
    test.health.drain();
    assert.deepEqual(await first.statuses(2), ["SERVING", "NOT_SERVING"]);
    assert.equal(await checked(test, ""), "NOT_SERVING");
    assert.equal(await checked(test, "google.longrunning.Operations"), "NOT_SERVING");
    assert.deepEqual(await watched(test).statuses(1), ["NOT_SERVING"]);
    first.stream.cancel();
  });

  it("says NOT_SERVING while the store is unavailable, and tells watchers both changes", async () => {
    const clock = new ManualClock();
    const health = new Health(clock);
    let isAway = false;
    health.opened(async () => {
      if (isAway) throw new Error("away");
    });
    const { written, call, service: made } = watchedAlone(health, clock);
    await settled();
    isAway = true;
    await clock.advance(LIMITS.storeCheckMs);
    await clock.advance(LIMITS.storeCheckMs);
    isAway = false;
    await clock.advance(LIMITS.storeCheckMs);
    assert.deepEqual(written, ["SERVING", "NOT_SERVING", "SERVING"]);
    assert.equal(clock.pending, 1, "it looks on");
    call.emit("cancelled");
    await clock.advance(LIMITS.storeCheckMs);
    assert.equal(clock.pending, 0, "nobody watches");
    made.close();
  });

  it("says NOT_SERVING until the store is open, and knows the services from then on", async () => {
    const clock = new ManualClock();
    const health = new Health(clock);
    const { written, service: made } = watchedAlone(health, clock);
    await settled();
    assert.deepEqual(written, ["NOT_SERVING"]);
    health.opened(async () => {}, ["a.B"]);
    await settled();
    assert.deepEqual(written, ["NOT_SERVING", "SERVING"]);
    made.close();
    assert.deepEqual(written, ["NOT_SERVING", "SERVING", "NOT_SERVING"]);
  });

  it("forgets a watch whose caller has left", async () => {
    const clock = new ManualClock();
    const { call: gone, service: first } = watchedAlone(new Health(clock), clock);
    const { call: there, service: second } = watchedAlone(new Health(clock), clock);
    gone.emit("cancelled");
    await settled();
    first.close();
    second.close();
    assert.deepEqual([gone.ended, there.ended], [0, 1]);
    assert.deepEqual([gone.written, there.written], [[], ["NOT_SERVING"]]);
  });

  it("ends watches, so that the server can close", async () => {
    await using test = await openGrpcTest();
    const told: string[] = [];
    const stream = watching(test);
    for await (const health of stream) {
      told.push((health as Told).status);
      if (told.length === 1) void test.listening.close();
    }
    assert.deepEqual(told, ["SERVING", "NOT_SERVING"]);
  });
});

/** A watch over the network, and its statuses once there are enough. */
function watched(test: GrpcTest): {
  readonly stream: ClientReadableStream<Told>;
  statuses(count: number): Promise<readonly string[]>;
} {
  const stream = watching(test);
  stream.on("error", () => {});
  const told: string[] = [];
  stream.on("data", ({ status: each }: Told) => told.push(each));
  return {
    stream,
    statuses: async (count) => {
      while (told.length < count) await settled();
      return told;
    },
  };
}

/** A call as grpc-js makes it, without a server. */
class FakeCall extends EventEmitter {
  readonly request = Buffer.of();
  readonly written: string[] = [];
  ended = 0;

  write(bytes: Buffer): boolean {
    assert.ok(watch !== undefined);
    this.written.push((watch.responseDeserialize(bytes) as Told).status);
    return true;
  }

  end(): void {
    this.ended++;
  }
}

/** A health service with one watch of the whole server, and nothing around it. */
function watchedAlone(
  health: Health,
  clock: ManualClock,
): { readonly service: HealthService; readonly call: FakeCall; readonly written: readonly string[] } {
  const made = new HealthService(health, clock);
  let watchCall: ((call: object) => void) | undefined;
  made.addTo({ addService: (_, calls) => (watchCall = calls["Watch"] as typeof watchCall) });
  const call = new FakeCall();
  watchCall?.(call);
  return { service: made, call, written: call.written };
}
