import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { promisify } from "node:util";
import { z } from "zod";
import { createClient } from "../src/client/index.ts";
import { formatName } from "../src/core/operation/name.ts";
import { defineMethod, httpTarget } from "../src/index.ts";
import { Receiver } from "../src/outbound/receiver.suite.ts";
import { startTestServer } from "../src/testing/index.ts";
import { answering, openTargetWorld, type TargetWorld } from "../src/http-target/target-world.suite.ts";

const execute = promisify(execFile);
const NO_CURL = spawnSync("curl", ["--version"]).error === undefined ? false : "no curl";
const PAGE = readFileSync(new URL("../docs/http-targets.md", import.meta.url), "utf8");

/** The fenced blocks of a language. */
function fenced(language: string): readonly string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, code = ""]) => code,
  );
}

/** The cells of the table below a heading, without its head. */
function tableOf(heading: string): readonly (readonly string[])[] {
  const section = PAGE.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The outcome of an operation whose target gives this answer. */
async function outcomeOf(world: TargetWorld, status: number): Promise<string> {
  const { state, error, attempts } = await world.answered(answering(status, { width: 1 }));
  if (state === "FAILED") return `fails ${error?.code}`;
  return attempts.length > 0 ? "again" : state;
}

suite("docs/http-targets.md", () => {
  test("shows the example that a test runs, line by line", () => {
    const files = ["documents.ts", "target.ts"].map((name) =>
      readFileSync(new URL(`../examples/http-target/${name}`, import.meta.url), "utf8"),
    );
    assert.deepEqual(fenced("ts").slice(0, 2), files);
    for (const file of files) assert.ok(file.split("\n").length <= 60);
  });

  test("shows every form of the identity that httpTarget accepts", () => {
    const lines = (fenced("ts")[2] ?? "").trim().split("\n");
    assert.equal(lines.length, 5);
    const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
    for (const line of lines) {
      const [, auth = ""] = /^httpTarget\(\{ url, auth: (.*) \}\);$/.exec(line) ?? assert.fail(line);
      const json = auth
        .replaceAll(/([a-zA-Z]+):(?= )/g, '"$1":')
        .replace("whsec_…", secret)
        .replace("…", "a");
      const value = JSON.parse(json) as NonNullable<Parameters<typeof httpTarget>[0]["auth"]>;
      assert.equal(typeof httpTarget({ url: "https://images.internal/", auth: value }), "function");
    }
  });

  test("has a row for every header that a target receives", async () => {
    const traceContext = `00-${"a".repeat(32)}-${"b".repeat(16)}-01 a=1`;
    const span = { traceContext, within: <T>(run: () => T) => run(), fail: () => {}, end: () => {} };
    const tracing = { call: () => undefined, start: () => assert.fail(), attempt: () => span };
    await using world = await openTargetWorld({
      worker: { tracing: { ...tracing, start: (_, store) => store(null) }, attemptToken: () => "token" },
    });
    await world.answered(answering(200, { width: 1 }));
    const shown = tableOf("The request").flatMap(([cell = ""]) => cell.match(/[\w-]+/g) ?? []);
    const arrived = Object.keys(world.target.arrivals[0]?.headers ?? {}).filter((name) =>
      /^(?:longrunning|idempotency|trace)/.test(name),
    );
    assert.deepEqual(shown.map((name) => name.toLowerCase()).toSorted(), arrived.toSorted());
  });

  test("says what each status means", async () => {
    await using world = await openTargetWorld();
    const rows = new Map(
      tableOf("What the answer means").map(([answer = "", meaning = ""]) => [answer, meaning]),
    );
    const meanings: readonly (readonly [RegExp, readonly number[], string])[] = [
      [/^`200`, `201`, another 2xx/, [200, 201, 203, 206, 226], "SUCCEEDED"],
      [/^`204`, `205`/, [204, 205], "fails INTERNAL"],
      [/^`202`/, [202], "fails FAILED_PRECONDITION"],
      [/^`408`, `425`, `429`, 5xx/, [408, 425, 429, 500, 502, 503, 504, 507, 511, 599], "again"],
      [/^`501`, `505`, another 4xx/, [501, 505, 400, 401, 404, 409, 422, 451], "fails"],
      [/^3xx/, [300, 301, 302, 304, 307, 308], "fails FAILED_PRECONDITION"],
      [/^none in time/, [], ""],
    ];
    assert.equal(rows.size, meanings.length);
    for (const [row, statuses, expected] of meanings) {
      assert.ok(
        [...rows.keys()].some((answer) => row.test(answer)),
        String(row),
      );
      for (const status of statuses) {
        const outcome = await outcomeOf(world, status);
        assert.ok(outcome.startsWith(expected), `${status}: ${outcome}`);
      }
    }
  });

  test("shows errors as callers see them", async () => {
    await using world = await openTargetWorld();
    const [errors] = fenced("json").map((text) => JSON.parse(text) as readonly object[]);
    assert.equal(errors?.length, 3);
    for (const body of errors) {
      const isProblem = "title" in body;
      const type = isProblem ? "application/problem+json" : "application/json";
      const { error } = await world.answered(answering(400, body, { "content-type": type }));
      const expected = isProblem
        ? ["INVALID_ARGUMENT", "9000 is more than 4096."]
        : ["OUT_OF_RANGE", "Too wide."];
      assert.deepEqual([error?.code, error?.message], expected);
    }
  });

  test("shows the request that is sent when the result is no longer wanted", async () => {
    await using stop = await Receiver.open();
    await using world = await openTargetWorld({ target: { cancelUrl: stop.url, timeout: "5s" } });
    world.target.answer = () => {};
    const operation = await world.begin();
    await world.target.until(1);
    await world.clock.advance(5_000);
    await world.after(1, operation);
    const [shown, real] = [fenced("json")[1], stop.arrivals[0]?.body].map(
      (text = "") => JSON.parse(text) as { readonly name: string; readonly reason: string },
    );
    assert.ok(shown && real);
    assert.deepEqual(Object.keys(real), Object.keys(shown));
    assert.equal(real.name, formatName(operation));
    assert.match(shown.name, /^operations\/[\da-f-]{36}$/);
  });

  test("has a line that renews an attempt later, and a line that completes it", {
    skip: NO_CURL,
  }, async () => {
    await using target = await Receiver.open();
    target.answer = answering(202, "", { "longrunning-lease": "300s" });
    const metadata = z.object({ percent: z.number() });
    const response = z.object({ words: z.int(), longest: z.string() });
    const run = httpTarget({ url: target.url });
    const countWords = defineMethod({ name: "countWords", request: z.object({}), response, metadata, run });
    await using server = await startTestServer([countWords]);
    const { name } = await createClient(server.url).start(countWords, {});
    const [arrival] = await target.until(1);
    const token = String(arrival?.headers["longrunning-attempt-token"]);
    const ran = async (code: string): Promise<unknown> => {
      const placed = code
        .replace("http://127.0.0.1:8080", server.url)
        .replace("operations/0199…", name)
        .replace("q83…", token);
      return execute("sh", ["-c", placed]).then(({ stdout }) => JSON.parse(stdout) as unknown);
    };
    const [renew = "", complete = ""] = fenced("sh");
    assert.deepEqual(await ran(renew), { held: true, lease: "300s", cancelRequested: false });
    assert.deepEqual(await ran(complete), { state: "SUCCEEDED" });
  });
});
