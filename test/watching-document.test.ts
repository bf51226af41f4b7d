import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import { EventSource } from "eventsource";
import { z } from "zod";
import { createClient } from "../src/client/index.ts";
import { defineMethod } from "../src/index.ts";
import { startTestServer } from "../src/testing/index.ts";

/** The snippets of docs/watching.md run unchanged, except for address and name. */

const text = readFileSync(new URL("../docs/watching.md", import.meta.url), "utf8");
const ADDRESS = "http://127.0.0.1:8080";
const NAME = "operations/0199aabb-ccdd-7eff-8000-000000000001";

function snippet(language: string): string {
  return new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(text)?.[1] ?? assert.fail(`no ${language}`);
}

const pack = defineMethod({
  name: "pack",
  request: z.object({}),
  response: z.object({}),
  run: (_, { report }) => {
    report({ statusMessage: "packs" });
    return {};
  },
});

/** A server with a finished operation. */
async function withOne() {
  const server = await startTestServer([pack]);
  const client = createClient(server.url);
  const { name } = await client.untilDone(await client.start(pack, {}));
  return {
    server,
    name,
    placed: (code: string) => code.replaceAll(ADDRESS, server.url).replaceAll(NAME, name),
  };
}

describe("docs/watching.md", () => {
  it("has a line for curl", {
    skip: spawnSync("curl", ["-V"]).error === undefined ? false : "no curl",
  }, async () => {
    const { server, placed } = await withOne();
    await using _ = server;
    const curl = spawn("sh", ["-c", placed(snippet("sh"))], { stdio: ["ignore", "pipe", "ignore"] });
    let shown = "";
    curl.stdout.setEncoding("utf8").on("data", (chunk: string) => (shown += chunk));
    await once(curl, "close");
    assert.match(shown, /^retry: 1000\n\nevent: operation\nid: \d+\ndata: .*"done":true.*\n\n$/);
  });

  it("has lines for browsers", async () => {
    const { server, placed } = await withOne();
    await using _ = server;
    const { promise: shown, resolve: show } = Promise.withResolvers<{ readonly done?: boolean }>();
    const code = placed(snippet("js")).replace('"/v1/', `"${server.url}/v1/`);
    const events = runInNewContext(
      `${code}
events;`,
      { EventSource, show },
    ) as EventSource;
    assert.equal((await shown).done, true);
    await once(events, "error");
    events.close();
  });

  it("has lines for the client", async () => {
    const { server, placed } = await withOne();
    await using _ = server;
    const from = new URL("../src/client/index.ts", import.meta.url).href;
    const code = placed(snippet("ts")).replace("longrunning/client", from);
    const ran = spawn(process.execPath, ["--input-type=module", "--eval", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let shown = "";
    ran.stdout.setEncoding("utf8").on("data", (chunk: string) => (shown += chunk));
    const [exit] = (await once(ran, "close")) as [number];
    assert.deepEqual([exit, shown], [0, "packs\n"]);
  });
});
