import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../assembly/serve.ts";
import { FIRST_PAIR } from "../server/listening/certificates.suite.ts";
import { EXIT } from "./exit.ts";
import { aWorld } from "./world.suite.ts";

test("--ca names the authority of the server's certificate, for callers and operators", async () => {
  using world = aWorld();
  const options = { methods: [], store: "sqlite::memory:", port: 0, tls: FIRST_PAIR } as const;
  const served = await serve(options);
  try {
    const server = ["--server", served.url.replace("127.0.0.1", "localhost")];
    assert.equal(await world.run("keys", "list", ...server), EXIT.unreachable);
    assert.match(world.err(), /an authority that this process does not know.*\nOr name it with --ca FILE/);
    assert.equal(await world.run("list", ...server, "--ca", "none.pem"), EXIT.usage);
    assert.match(world.err(), /ca: "none\.pem" cannot be read: ENOENT/);
    world.file("wrong.pem", "no certificate");
    assert.equal(await world.run("list", ...server, "--ca", "wrong.pem"), EXIT.usage);
    assert.match(world.err(), /ca: expected certificates as PEM/);
    world.file("ca.pem", FIRST_PAIR.cert);
    for (const command of [["list"], ["keys", "list"], ["doctor", "--store", "sqlite:a.db"]])
      assert.equal(await world.run(...command, ...server, "--ca", "ca.pem"), EXIT.succeeded, world.err());
  } finally {
    await served.stop();
  }
});
