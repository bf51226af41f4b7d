import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { credentials, status } from "@grpc/grpc-js";
import { service } from "grpc-health-check";
import { serviceError } from "../core/error/error.ts";
import { silence } from "../core/events.ts";
import { systemClock } from "../core/ports/clock.ts";
import { Entrance } from "./entrance.ts";
import type { HttpListener } from "./front.ts";
import { GrpcClient, operationsPath, refusal } from "./grpc/grpc-server.suite.ts";
import { Http2Server } from "./http2/http2-server.ts";
import { FIRST_PAIR } from "./listening/certificates.suite.ts";
import { listen } from "./listening/listen.ts";
import { Health } from "./probes/health.ts";
import { probes } from "./probes/probes.ts";

const clock = systemClock;

interface Opened extends AsyncDisposable {
  readonly entrance: Entrance;
  readonly health: Health;
  readonly url: string;
  readonly client: GrpcClient;
}

async function opened(tls?: typeof FIRST_PAIR): Promise<Opened> {
  const health = new Health(clock);
  const entrance = new Entrance({
    health,
    stops: new Map(probes(health)),
    refusal: serviceError("STARTING", "The server is starting. Try again."),
    clock,
    tell: silence,
  });
  const { http } = entrance;
  const http2 = new Http2Server({ http, grpc: entrance, clock });
  const listening = await listen(http, { host: "127.0.0.1", port: 0, tell: silence, http2, tls });
  const client = new GrpcClient(
    listening.port,
    tls === undefined ? undefined : credentials.createSsl(Buffer.from(tls.cert)),
  );
  return {
    entrance,
    health,
    client,
    url: `http://127.0.0.1:${listening.port}`,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await listening.close();
    },
  };
}

async function checked({ client }: Opened): Promise<string> {
  const { path, requestSerialize, responseDeserialize } = service["Check"] ?? assert.fail("no such call");
  const bytes = await client.bytes(path, requestSerialize({ service: "" }));
  return (responseDeserialize(bytes) as { status: string }).status;
}

const behind: HttpListener = (_request, response) => void response.end("behind");

describe("Entrance", () => {
  it("answers probes, and refuses everything else until it is opened", async () => {
    await using test = await opened();
    assert.equal((await fetch(`${test.url}/livez`)).status, 200);
    assert.equal((await fetch(`${test.url}/readyz`)).status, 503);
    const refused = await fetch(`${test.url}/v1:createArchive`, {
      method: "POST",
      body: "x".repeat(100_000),
    });
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get("retry-after"), "1");
    assert.equal(refused.headers.get("connection"), "close");
    assert.match(await refused.text(), /"reason": "STARTING"/);
    test.entrance.open(behind, { take: (stream) => stream.close(), close: () => {} });
    assert.equal(await (await fetch(`${test.url}/v1`)).text(), "behind");
  });

  for (const tls of [undefined, FIRST_PAIR]) {
    it(`does the same to calls of gRPC${tls === undefined ? "" : " over TLS"}, except health checks`, async () => {
      await using test = await opened(tls);
      assert.equal(await checked(test), "NOT_SERVING");
      const { code, details } = await refusal(test.client.bytes(operationsPath("GetOperation"), Buffer.of()));
      assert.deepEqual([code, details], [status.UNAVAILABLE, "The server is starting. Try again."]);
      test.health.opened(async () => {});
      const paths: (string | undefined)[] = [];
      test.entrance.open(() => {}, {
        take: (stream, headers) => {
          paths.push(headers[":path"]);
          stream.respond({ ":status": 200, "grpc-status": "12" }, { endStream: true });
        },
        close: () => {},
      });
      assert.equal(await checked(test), "SERVING");
      const other = await refusal(test.client.bytes("/grpc.health.v1.Healthy/Check", Buffer.of()));
      assert.equal(other.code, status.UNIMPLEMENTED);
      assert.deepEqual(paths, ["/grpc.health.v1.Healthy/Check"]);
    });
  }
});
