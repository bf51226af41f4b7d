import assert from "node:assert/strict";
import { getEventListeners, once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { suite, test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { aPort } from "../../../test/support/port.ts";
import { OperationSchema } from "../../wire/gen/google/longrunning/operations_pb.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { createClient } from "../index.ts";
import { failure, scripted } from "./server.suite.ts";

const OPERATION = toBinary(OperationSchema, create(OperationSchema, { name: "operations/x" }));
const ONCE = { retry: { attempts: 1 } };

suite("a call over gRPC", () => {
  test("sends headers, fetched anew for each call, and its timeout", async () => {
    const seen: unknown[] = [];
    let count = 0;
    using server = await scripted(
      ({ metadata }) => {
        const { authorization, "x-goog-user-project": project } = metadata.getMap();
        seen.push([authorization, project]);
        return OPERATION;
      },
      { headers: async () => ({ Authorization: `Bearer ${++count}`, "X-Goog-User-Project": "p" }) },
    );
    await server.client.get("operations/x");
    await server.client.get("operations/x");
    assert.deepEqual(seen, [
      ["Bearer 1", "p"],
      ["Bearer 2", "p"],
    ]);
  });

  test("tells the server its timeout", async () => {
    const told: number[] = [];
    const clock = new ManualClock();
    using server = await scripted(
      ({ call }) => {
        told.push((Number(call.getDeadline()) - systemClock.now()) / 1_000);
        return OPERATION;
      },
      { clock },
    );
    const { signal } = new AbortController();
    await server.client.get("operations/x", { signal });
    await server.client.wait("operations/x", { timeout: "1h" });
    // Some of it may have passed on the way.
    const [short = 0, long = 0] = told;
    assert.ok(short > 0 && short <= 10 && long > 3_600 && long <= 3_610, told.join());
    assert.deepEqual([clock.pending, getEventListeners(signal, "abort").length], [0, 0]);
  });

  test("that is not answered in time is cancelled at the server too", async () => {
    const clock = new ManualClock();
    const came = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<void>();
    using server = await scripted(
      ({ call }) => {
        call.on("cancelled", () => cancelled.resolve());
        came.resolve();
        return undefined;
      },
      { clock },
    );
    const failed = assert.rejects(server.client.get("operations/x"), {
      code: "DEADLINE_EXCEEDED",
      reason: "ANSWER_TOO_LATE",
    });
    await came.promise;
    await clock.advance(10_000);
    await failed;
    await cancelled.promise;
    assert.equal(clock.pending, 0);
  });

  test("is aborted by its signal, at the server too, and rejects with the signal's reason", async () => {
    const came = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<void>();
    using server = await scripted(({ call }) => {
      call.on("cancelled", () => cancelled.resolve());
      came.resolve();
      return undefined;
    });
    const controller = new AbortController();
    const failed = assert.rejects(server.client.get("operations/x", { signal: controller.signal }), /enough/);
    await came.promise;
    controller.abort(new Error("enough"));
    await failed;
    await cancelled.promise;
    await assert.rejects(server.client.get("operations/x", { signal: controller.signal }), /enough/);
  });

  test("is aborted by its signal while headers are fetched", async () => {
    const controller = new AbortController();
    using server = await scripted(() => assert.fail("it was sent"), {
      headers: () => {
        controller.abort(new Error("enough"));
        return {};
      },
    });
    await assert.rejects(server.client.get("operations/x", { signal: controller.signal }), /enough/);
  });

  test("rejects with the service's error", async () => {
    using server = await scripted(() => failure({ code: 5, message: "Nö." }));
    await assert.rejects(server.client.get("operations/x"), { code: "NOT_FOUND", message: "Nö." });
  });

  test("with an unreadable answer is UNKNOWN", async () => {
    using server = await scripted(() => new Uint8Array([255]));
    await assert.rejects(server.client.get("operations/x"), { code: "UNKNOWN", reason: "ANSWER_INVALID" });
  });

  test("to an address where nothing listens is UNAVAILABLE, with advice", async () => {
    const unused = createServer().listen(0, "127.0.0.1");
    await once(unused, "listening");
    const { port } = unused.address() as AddressInfo;
    unused.close();
    await once(unused, "close");
    await assert.rejects(createClient(`grpc://127.0.0.1:${port}`, ONCE).get("operations/x"), {
      code: "UNAVAILABLE",
      reason: "SERVER_UNREACHABLE",
      message: /nothing listens there/,
    });
  });

  test("a new client connects anew, even if another client has failed to connect", async () => {
    const port = await aPort();
    const url = `grpc://127.0.0.1:${port}`;
    const [failed, client] = [createClient(url, ONCE), createClient(url, ONCE)];
    await assert.rejects(failed.get("operations/x"), { reason: "SERVER_UNREACHABLE" });
    const server = createServer();
    const connected = once(server, "connection") as Promise<[Socket]>;
    await once(server.listen(port, "127.0.0.1"), "listening");
    const answered = client.get("operations/x").catch((error: Error) => error);
    const first = await Promise.race([connected, answered]);
    assert.ok(Array.isArray(first), "the server is tried");
    first[0].destroy();
    await answered;
    for (const each of [failed, client]) each.close();
    server.close();
  });

  test("uses TLS if the address says so, and otherwise plain HTTP/2", async () => {
    const first: number[] = [];
    const server = createServer((socket) =>
      socket.on("data", (data) => {
        first.push(data[0] ?? -1);
        socket.destroy();
      }),
    ).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    for (const scheme of ["grpc", "grpcs"]) {
      const client = createClient(`${scheme}://localhost:${port}`, ONCE);
      await assert.rejects(client.get("operations/x"), { code: "UNAVAILABLE", reason: "SERVER_UNREACHABLE" });
      client.close();
    }
    server.close();
    // The P of HTTP/2's preface, and the record type of a TLS handshake. A client that is closed may have begun a last connection.
    assert.equal(first[0], 0x50);
    assert.ok(first.includes(0x16), String(first));
  });
});
