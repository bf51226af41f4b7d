import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, it } from "node:test";
import { type ClientReadableStream, status } from "@grpc/grpc-js";
import { service } from "grpc-health-check";
import { Health } from "./health.ts";
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
    for (const name of ["", "google.longrunning.Operations", "longrunning.v1.Methods"]) {
      assert.equal(await checked(test, name), "SERVING");
    }
    assert.equal((await refusal(checked(test, "other.Service"))).code, status.NOT_FOUND);
    assert.ok(list !== undefined);
    const listed = list.responseDeserialize(await test.client.bytes(list.path, Buffer.of())) as {
      statuses: object;
    };
    assert.equal(Object.keys(listed.statuses).length, 3);
  });

  it("refuses bytes that are no request", async () => {
    await using test = await openGrpcTest();
    assert.ok(check !== undefined && watch !== undefined);
    const broken = Buffer.of(0x0f);
    assert.equal((await refusal(test.client.bytes(check.path, broken))).code, status.INVALID_ARGUMENT);
    assert.equal((await refusal(test.client.bytes(watch.path, broken))).code, status.INVALID_ARGUMENT);
  });

  it("says NOT_SERVING once the service stops, by whomever it is stopped", async () => {
    await using test = await openGrpcTest();
    test.engine.operations.stop();
    assert.equal(await checked(test, ""), "NOT_SERVING");
    const told: Told[] = [];
    for await (const health of watching(test)) told.push(health as Told);
    assert.deepEqual(
      told.map(({ status: each }) => each),
      ["NOT_SERVING"],
    );
  });

  it("forgets a watch whose caller has gone", () => {
    const health = new Health([], () => false);
    let watchCall: ((call: object) => void) | undefined;
    health.addTo({ addService: (_, calls) => (watchCall = calls["Watch"] as typeof watchCall) });
    const calls = [0, 1].map(() => {
      const call = Object.assign(new EventEmitter(), { request: Buffer.of(), ended: 0 });
      return Object.assign(call, { write: () => true, end: () => void call.ended++ });
    });
    for (const call of calls) watchCall?.(call);
    calls[0]?.emit("cancelled");
    health.stop();
    assert.deepEqual(
      calls.map(({ ended }) => ended),
      [0, 1],
    );
  });

  it("tells those who watch, and ends their watches, so that the server can close", async () => {
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
