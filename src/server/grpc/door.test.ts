import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { silence } from "../../core/events.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { anonymously } from "../authenticate.ts";
import { Shares } from "../sharing/shares.ts";
import { addServices } from "./door.ts";
import { GrpcClient, openGrpcTest } from "./grpc-server.suite.ts";

describe("addServices()", () => {
  it("serves operations from a user's grpc-js server", async () => {
    await using test = await openGrpcTest();
    const server = new Server();
    addServices(server, test.engine.operations, {
      name: "archive",
      workers: test.engine.workers,
      shares: new Shares(test.clock),
      authenticate: anonymously,
      clock: test.clock,
      random: seededRandom(1),
      tell: silence,
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    const client = new GrpcClient(port);
    const name = await test.start();
    // The first calls arrive while the services are still loading.
    const [first, second] = await Promise.all([client.get(name), client.get(name)]);
    assert.equal(first.name, name);
    assert.deepEqual(first, second);
    assert.deepEqual(await client.get(name), first);
    client.close();
    server.forceShutdown();
  });
});

describe("GrpcDoor", () => {
  it("accepts calls before it is loaded", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    const [first, second] = await Promise.all([test.client.get(name), test.client.get(name)]);
    assert.deepEqual([first.name, second.name], [name, name]);
  });
});
