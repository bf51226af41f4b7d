import assert from "node:assert/strict";
import type { ServerHttp2Stream } from "node:http2";
import { describe, it } from "node:test";
import { tellLog } from "../../core/event-log.ts";
import { silence } from "../../core/events.ts";
import { settled } from "../../testing/manual-clock.ts";
import type { GrpcStreams } from "../http2/http2-server.ts";
import { LazyStreams } from "./lazy-streams.ts";

const stream = {} as ServerHttp2Stream;

function recorder(): GrpcStreams & { readonly did: string[] } {
  const did: string[] = [];
  return { did, take: () => void did.push("take"), close: () => void did.push("close") };
}

describe("LazyStreams", () => {
  it("loads once, at the first stream, and passes on streams that arrived meanwhile", async () => {
    const made = recorder();
    let loads = 0;
    const load = async (): Promise<GrpcStreams> => {
      loads++;
      return made;
    };
    const lazy = new LazyStreams(load, silence);
    assert.equal(loads, 0);
    lazy.take(stream, {});
    lazy.take(stream, {});
    await settled();
    lazy.take(stream, {});
    lazy.close();
    assert.deepEqual([loads, made.did], [1, ["take", "take", "take", "close"]]);
  });

  it("closes the loaded server if it was closed meanwhile", async () => {
    const made = recorder();
    const lazy = new LazyStreams(async () => made, silence);
    lazy.close();
    lazy.take(stream, {});
    await settled();
    assert.deepEqual(made.did, ["close", "take"]);
  });

  it("loads again after a failure", async () => {
    const made = recorder();
    const loads = [Promise.reject(new Error("no more files")), Promise.resolve(made)];
    const lazy = new LazyStreams(() => loads.shift() ?? assert.fail("it is loaded"), silence);
    lazy.take({ destroy: () => undefined } as unknown as ServerHttp2Stream, {});
    await settled();
    lazy.take(stream, {});
    await settled();
    assert.deepEqual(made.did, ["take"]);
  });

  it("reports a failure to load, and drops the stream", async () => {
    const told: string[] = [];
    const note = (message: string): void => void told.push(message);
    const tell = tellLog({ debug: note, info: note, warn: note, error: note });
    const lazy = new LazyStreams(() => Promise.reject(new Error("no such package")), tell);
    const { promise: destroyed, resolve } = Promise.withResolvers<void>();
    lazy.take({ destroy: resolve } as unknown as ServerHttp2Stream, {});
    await destroyed;
    assert.deepEqual(told, ["gRPC cannot be served"]);
  });
});
