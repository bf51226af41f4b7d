import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { aPort } from "../../../test/support/port.ts";
import { createClient } from "../../client/index.ts";
import { defineMethod } from "../../core/method/method.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { EXIT } from "../exit.ts";
import { aWorld, source, type World } from "../world.suite.ts";

function archive(world: World): string {
  return world.file(
    "archive.ts",
    `import { defineMethod } from ${JSON.stringify(source("worker.ts"))};
     const request = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
     export const createArchive = defineMethod({ name: "createArchive", description: "Packs.", request, run: () => {} });`,
  );
}

const createArchive = defineMethod({ name: "createArchive", request: z.object({}), run: () => {} });
const aServer = (options: Parameters<typeof startTestServer>[1] = {}) =>
  startTestServer([createArchive], { concurrency: 0, ...options });

for (const scheme of ["http", "grpc"])
  test(`work runs handlers for a server over ${scheme} until a signal`, async () => {
    await using server = await aServer();
    using world = aWorld();
    const address = server.url.replace("http", scheme);
    const ended = world.run(
      "work",
      archive(world),
      "--server",
      address,
      "--concurrency",
      "3",
      "--probe-port",
      "0",
    );
    await world.outContains("Probes on");
    assert.match(
      world.out(),
      /^Working for (?:http|grpc):\S+, up to 3 at once\n\nMethods:\n {2}createArchive {2}Packs\.\n/,
    );
    const probe = /Probes on (\S+)/.exec(world.out())?.[1] ?? "";
    assert.equal((await fetch(`${probe}/readyz`)).status, 200);
    const client = createClient(server.url);
    const operation = await client.untilDone(await client.start("createArchive", {}));
    assert.equal(operation.error, null);
    world.interrupt();
    assert.equal(await ended, EXIT.succeeded);
    assert.match(world.err(), /stopping: 0 running/);
  });

test("in the format for machines, the log has the server and the methods, and standard output has one word", async () => {
  await using server = await aServer();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: server.url, LONGRUNNING_LOG_FORMAT: "json" } });
  const ended = world.run("work", archive(world));
  await world.errContains("working for");
  assert.equal(world.out(), "Working\n");
  assert.match(world.err(), /"methods":\["createArchive"\],"message":"working for http:[^"]*"/);
  world.interrupt();
  assert.equal(await ended, EXIT.succeeded);
});

test("credentials and headers are sent, and none of them is shown", async () => {
  const came: unknown[] = [];
  const access = {
    authenticate: ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }) => {
      came.push([headers["authorization"], headers["x-team"], headers["x-more"]]);
      return { principal: "user:worker" };
    },
  };
  await using server = await aServer({ access });
  using world = aWorld({ environment: { LONGRUNNING_TOKEN: "secret" } });
  const flags = ["--server", server.url, "--header", "x-team: a:b,x-more:c"];
  const ended = world.run("work", archive(world), ...flags);
  await world.outContains("Stop with Ctrl-C");
  assert.deepEqual(came[0], ["Bearer secret", "a:b", "c"]);
  world.interrupt();
  await ended;
  assert.doesNotMatch(world.out() + world.err(), /secret/);
});

test("an API key is sent in the header for keys", async () => {
  let key: unknown;
  const access = {
    authenticate: ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }) => {
      key = headers["x-goog-api-key"];
      return { principal: "user:worker" };
    },
  };
  await using server = await aServer({ access });
  using world = aWorld();
  const ended = world.run("work", archive(world), "--server", server.url, "--api-key", "lro_key");
  await world.outContains("Stop with Ctrl-C");
  assert.equal(key, "lro_key");
  world.interrupt();
  await ended;
});

test("a refusal by the server ends the command, with advice", async () => {
  await using server = await startTestServer([], { concurrency: 0 });
  using world = aWorld();
  assert.equal(await world.run("work", archive(world), "--server", server.url), EXIT.notFound);
  assert.match(world.err(), /^error: NOT_FOUND: .*createArchive/);
  assert.ok(world.err().includes(`with: longrunning methods --server ${server.url}\n`), world.err());
});

test("an invalid address, an invalid file, and a lease that no server gives are usage errors", async () => {
  using world = aWorld();
  const file = archive(world);
  for (const [flags, message] of [
    [["--server", "ftp://a"], /server: expected an address/],
    [["--lease", "1s"], /lease: expected a duration from "5s" to "600s" for a worker of a server, got "1s"/],
    [["--concurrency", "0"], /concurrency: expected a whole number from 1 to 1000/],
    [["--ca", "none.pem"], /ca: "none\.pem" cannot be read/],
    [["--token", "a b"], /token: expected characters of ASCII without spaces, got something else/],
    [["--header", "x-team"], /header: expected headers such as x-team:archive/],
    [["--store", "sqlite::memory:"], /--store: there is no such flag/],
  ] as const) {
    assert.equal(await world.run("work", file, ...flags), EXIT.usage, flags.join(" "));
    assert.match(world.err(), message);
  }
  assert.equal(await world.run("work", "none.ts"), EXIT.usage);
  assert.equal(await world.run("work"), EXIT.usage);
});

test("while the server is unreachable the worker waits for it, and logs that once", async () => {
  const port = await aPort();
  using world = aWorld();
  const ended = world.run("work", archive(world), "--server", `http://127.0.0.1:${port}`);
  await world.outContains("Stop with Ctrl-C");
  assert.match(world.err(), /claims are not answered; trying again until they are/);
  await using server = await aServer({ port });
  const client = createClient(server.url);
  const operation = await client.untilDone(await client.start("createArchive", {}));
  assert.equal(operation.error, null);
  assert.match(world.err(), /claims are answered again/);
  world.interrupt();
  assert.equal(await ended, EXIT.succeeded);
});
