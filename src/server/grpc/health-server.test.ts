import assert from "node:assert/strict";
import { test } from "node:test";
import { status } from "@grpc/grpc-js";
import { silence } from "../../core/events.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { Http2Server } from "../http2/http2-server.ts";
import { listen } from "../listening/listen.ts";
import { Health } from "../probes/health.ts";
import { HealthServer } from "./health-server.ts";
import { GrpcClient, operationsPath, refusal } from "./grpc-server.suite.ts";

test("HealthServer answers health checks, and has nothing else", async () => {
  const clock = new ManualClock();
  const http2 = new Http2Server({ http: () => {}, grpc: new HealthServer(new Health(clock), clock), clock });
  const listening = await listen(() => {}, { host: "127.0.0.1", port: 0, tell: silence, http2 });
  const client = new GrpcClient(listening.port);
  assert.ok((await client.bytes("/grpc.health.v1.Health/Check", Buffer.of())).length > 0);
  const other = await refusal(client.bytes(operationsPath("GetOperation"), Buffer.of()));
  assert.equal(other.code, status.UNIMPLEMENTED);
  client.close();
  await listening.close();
});
