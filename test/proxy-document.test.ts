import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { parseFlags } from "../src/config/flags.ts";
import { flagTable } from "../src/cli/command.ts";
import { proxy } from "../src/cli/commands/proxy.ts";
import { LIMITS } from "../src/core/limits.ts";
import { asyncRules } from "../src/proxy/async-rules.ts";
import { openProxy, openUpstream } from "../src/proxy/proxy.suite.ts";

/** The commands of docs/proxy.md run unchanged, except for address and name. */

const PAGE = readFileSync(new URL("../docs/proxy.md", import.meta.url), "utf8");
const [START = "", ASK = "", POLL = ""] = [...PAGE.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, code]) => code);
const HEAD = /^```\n([^]*?)^```/m.exec(PAGE)?.[1] ?? "";
const ADDRESS = "http://127.0.0.1:8080";
const ID = "0199aabb-ccdd-7eff-8000-000000000001";

async function run(command: string): Promise<string> {
  const shell = spawn("sh", ["-c", command], { stdio: ["ignore", "pipe", "ignore"] });
  const closed = once(shell, "close");
  const shown = await text(shell.stdout);
  await closed;
  return shown;
}

describe("docs/proxy.md", () => {
  it("starts a proxy with existing flags and valid patterns", () => {
    const { violations } = parseFlags(START.trim().split(" ").slice(2), flagTable(proxy));
    assert.deepEqual(violations, []);
    const [, patterns = ""] = /`--async '([^']*)'`/.exec(PAGE) ?? [];
    assert.ok(asyncRules(patterns.split(",")).match("POST", "/reports/2026"));
  });

  it("requests an operation, and then its answer", {
    skip: spawnSync("curl", ["-V"]).error === undefined ? false : "no curl",
  }, async () => {
    await using upstream = await openUpstream((request, response) => request.pipe(response.writeHead(201)));
    await using served = await openProxy(upstream.url);
    const asked = await run(ASK.replace(ADDRESS, served.url));
    const id = /^location: \/\.operations\/(\S+)/m.exec(asked)?.[1] ?? assert.fail(asked);
    for (const line of HEAD.trimEnd().split("\n")) {
      assert.ok(asked.includes(line.replaceAll(ID, id)), line);
    }
    await served.settled(`/.operations/${id}`);
    const answer = await run(POLL.replace(ADDRESS, served.url).replace(ID, id));
    assert.match(answer, /^HTTP\/1\.1 201 Created\r\n[^]*AsyncResult: 201\r\n[^]*\r\n\r\nyear=2026$/);
  });

  it("has the actual limits", () => {
    assert.ok(
      PAGE.includes(
        `up to ${LIMITS.proxyAnswerBytesMax / 1_024} KiB of body and ${LIMITS.proxyAnswerHeadersMax / 1_024} KiB of headers`,
      ),
    );
    assert.ok(
      PAGE.includes(`at most ${LIMITS.proxyRequestBytesMax / 1_048_576} MiB; above that the answer is 413`),
    );
  });
});
