import assert from "node:assert/strict";
import type { ServerHttp2Stream } from "node:http2";
import { test } from "node:test";
import { silence } from "../../core/events.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { Health } from "../probes/health.ts";
import { HealthDoor } from "./health-door.ts";

test("HealthDoor passes streams to a server of health checks", async () => {
  const clock = new ManualClock();
  const door = new HealthDoor({ health: new Health(clock), clock, tell: silence });
  const { promise: answered, resolve } = Promise.withResolvers<Record<string, unknown>>();
  const stream = { respond: resolve, on: () => {}, once: () => {} } as unknown as ServerHttp2Stream;
  door.take(stream, { ":path": "/grpc.health.v1.Health/Check", "grpc-timeout": "none" });
  assert.equal((await answered)["grpc-status"], 3);
  door.close();
});
