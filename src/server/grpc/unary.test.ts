import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, it } from "node:test";
import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { ANONYMOUS } from "../../core/caller.ts";
import { serviceError } from "../../core/error/error.ts";
import { silence } from "../../core/events.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { STANDARD_TYPES } from "../../wire/proto/registry.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { anonymously } from "../authenticate.ts";
import type { Answering } from "../sharing/share.ts";
import { Shares } from "../sharing/shares.ts";
import { type BytesCall, unary, type UnaryAnswer, UnaryCall } from "./unary.ts";

const context = {
  domain: "archive",
  types: STANDARD_TYPES,
  shares: new Shares(new ManualClock()),
  authenticate: anonymously,
  clock: new ManualClock(),
  random: seededRandom(1),
  tell: silence,
};

function aCall(): BytesCall & Answering {
  const call = Object.assign(new EventEmitter(), {
    request: Buffer.of(1),
    cancelled: false,
    writableLength: 0,
    metadata: new Metadata(),
    getPath: () => "/a.A/One",
  });
  return call as unknown as BytesCall & Answering;
}

function answered(answer: UnaryAnswer): Promise<[Partial<StatusObject> | null, Buffer | null | undefined]> {
  return new Promise((resolve) => unary(answer, context)(aCall(), (error, value) => resolve([error, value])));
}

describe("unary()", () => {
  it("answers with bytes as a Buffer, available at once or later", async () => {
    const bytes = new Uint8Array([0, 7, 8]).subarray(1);
    for (const answer of [() => bytes, async () => bytes]) {
      const [error, value] = await answered(answer);
      assert.equal(error, null);
      assert.deepEqual(value, Buffer.of(7, 8));
    }
  });

  it("refuses with a status, thrown at once or later", async () => {
    const no = serviceError("NAME_INVALID", "No.");
    const thrower = () => {
      throw no;
    };
    for (const answer of [thrower, () => Promise.reject(no)]) {
      const [error] = await answered(answer);
      assert.deepEqual([error?.code, error?.details], [3, "No."]);
    }
  });
});

describe("UnaryCall", () => {
  it("tells listeners that the call was cancelled", () => {
    const call = aCall();
    const share = context.shares.ofSession(call);
    const signal = new UnaryCall({ call, caller: ANONYMOUS, answering: call, share });
    let told = 0;
    const listener = (): void => void told++;
    signal.addEventListener("abort", listener);
    call.emit("cancelled", "cancelled");
    signal.removeEventListener("abort", listener);
    call.emit("cancelled", "cancelled");
    assert.equal(told, 1);
    assert.equal(signal.aborted, false);
    call.cancelled = true;
    assert.equal(signal.aborted, true);
  });
});
