import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../testing/manual-clock.ts";
import { connect } from "./connect.ts";
import { aWorld } from "./world.suite.ts";

test("connect() gives up after three attempts and a second", async () => {
  const clock = new ManualClock();
  let count = 0;
  using world = aWorld({
    clock,
    fetch: () => {
      count++;
      return Promise.reject(new TypeError("fetch failed"));
    },
  });
  const failed = assert.rejects(connect(world.io, { server: "http://h:1" }).get("operations/x"), {
    code: "UNAVAILABLE",
  });
  await clock.advance(1_000);
  await failed;
  assert.equal(count, 3);
});

test("connect() refuses an invalid address as the caller's error", () => {
  using world = aWorld();
  for (const server of ["grpc://h:1/v1", "grpcs://127.0.0.1:1"])
    assert.throws(() => connect(world.io, { server }), {
      name: "CommandError",
      exit: "usage",
      message: /^Server: expected/,
    });
  assert.throws(
    () => connect(world.io, { server: "grpc://user:secret@h:1" }),
    (error: Error) => {
      assert.ok(!error.message.includes("secret"), error.message);
      return true;
    },
  );
});

test("each client command sends the credentials and headers of its flags, or of the environment", async () => {
  for (const words of [
    ["get", "operations/x"],
    ["list"],
    ["list", "--watch"],
    ["wait", "operations/x"],
    ["start", "echo"],
    ["cancel", "operations/x"],
    ["delete", "operations/x"],
    ["methods"],
  ]) {
    const seen: Headers[] = [];
    using world = aWorld({
      environment: { LONGRUNNING_API_KEY: "lro_key" },
      fetch: async (_, init) => {
        seen.push(new Headers(init?.headers));
        return Response.json(
          { error: { code: 401, status: "UNAUTHENTICATED", message: "Who?" } },
          { status: 401 },
        );
      },
    });
    assert.equal(await world.run(...words, "--token", "secret", "--header", "x-team: a"), 7, words.join(" "));
    assert.match(world.err(), /Give credentials with --token or --api-key/);
    for (const headers of seen) {
      const sent = ["authorization", "x-goog-api-key", "x-team"].map((name) => headers.get(name));
      assert.deepEqual(sent, ["Bearer secret", "lro_key", "a"], words.join(" "));
    }
    assert.ok(seen.length > 0);
  }
});
