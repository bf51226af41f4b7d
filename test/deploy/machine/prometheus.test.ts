import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "node:test";
import { stringify } from "yaml";
import { readExposition } from "../../../src/telemetry/exposition-reader.suite.ts";
import { endWithUs } from "../../support/end-with-us.ts";
import { aPort } from "../../support/port.ts";
import { startCountedServer } from "../counted-server.ts";
import { alerts, expressionOfAdapter, expressionsOfDashboard } from "../expressions.ts";
import { at, DEPLOY, listAt, textAt, type Tree, yamlOf } from "../files.ts";
import { selectorsOf, withoutVariables } from "../promql.ts";
import { PROMETHEUS, toolTest } from "./tool.ts";

/** Forwards metrics, and resolves `seen` when they have been requested a number of times. */
async function passOn(
  url: string,
  times: number,
): Promise<{ port: number; seen: Promise<void>; texts: string[] } & AsyncDisposable> {
  const seen = Promise.withResolvers<void>();
  const texts: string[] = [];
  const answer = async (response: ServerResponse): Promise<void> => {
    const asked = await fetch(`${url}/metrics`);
    texts.push(await asked.text());
    response.setHeader("content-type", asked.headers.get("content-type") ?? "");
    response.end(texts.at(-1));
    if (texts.length >= times) seen.resolve();
  };
  const server = createServer((_request, response) => {
    void answer(response).catch((error: unknown) => seen.reject(error as Error));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    seen: seen.promise,
    texts,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Prometheus with the files of `deploy/prometheus`, which scrapes one address every second. */
async function startPrometheus(
  program: string,
  target: number,
): Promise<{ query(path: string): Promise<Tree> } & AsyncDisposable> {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-prometheus-"));
  cpSync(join(DEPLOY, "prometheus"), folder, { recursive: true });
  // This machine does not know the host names of compose.yaml, so an address replaces them.
  const config = yamlOf("prometheus/prometheus.yaml") as Record<string, Tree>;
  const jobs = listAt(config, "scrape_configs").map((job) => ({
    job_name: at(job, "job_name") ?? null,
    static_configs: [{ targets: [`127.0.0.1:${target}`], labels: { namespace: "archive" } }],
  }));
  const global = { scrape_interval: "1s", evaluation_interval: "1s" };
  writeFileSync(join(folder, "prometheus.yaml"), stringify({ ...config, global, scrape_configs: jobs }));
  const port = await aPort();
  const child = spawn(program, [
    `--config.file=${join(folder, "prometheus.yaml")}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  endWithUs(child, "SIGKILL");
  const ready = Promise.withResolvers<void>();
  let printed = "";
  child.stdout.resume();
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (printed.includes("Server is ready to receive web requests")) ready.resolve();
  });
  const exited = once(child, "exit");
  void exited.then(() => ready.reject(new Error(`Prometheus ended:\n${printed}`)));
  await ready.promise;
  return {
    async query(path) {
      const answer = (await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json()) as Tree;
      assert.equal(at(answer, "status"), "success", `${path}: ${JSON.stringify(answer)}`);
      return at(answer, "data") ?? null;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The names of series in a text; a metric without series has none. */
function namesIn(text: string): ReadonlySet<string> {
  return new Set(
    [...readExposition(text).values()].flatMap(({ samples }) => samples.map(({ name }) => name)),
  );
}

suite("Prometheus with deploy/prometheus", () => {
  toolTest(
    [PROMETHEUS],
    "reads our metrics, watches the alerts, and answers what the dashboard asks",
    async (program) => {
      await using server = await startCountedServer();
      // The fourth scrape means that the answers to three are stored.
      await using proxy = await passOn(server.url, 4);
      await using prometheus = await startPrometheus(program, proxy.port);
      await proxy.seen;

      const [target] = listAt(await prometheus.query("targets"), "activeTargets");
      assert.deepEqual([at(target, "health"), at(target, "lastError")], ["up", ""]);

      const rules = listAt(await prometheus.query("rules"), "groups.0.rules");
      assert.deepEqual(
        rules.map((rule) => textAt(rule, "name")),
        alerts().map(({ name }) => name),
      );
      for (const rule of rules) assert.notEqual(at(rule, "health"), "err", JSON.stringify(rule));

      const shown = namesIn(proxy.texts[0] ?? "");
      let answered = 0;
      for (const { where, expression } of [...expressionsOfDashboard(), expressionOfAdapter()]) {
        const asked = expression.replaceAll("$__rate_interval", "5m");
        const data = await prometheus.query(`query?query=${encodeURIComponent(withoutVariables(asked))}`);
        const hasSeries = selectorsOf(withoutVariables(asked)).every(({ metric }) => shown.has(metric));
        if (!hasSeries) continue;
        assert.ok(listAt(data, "result").length > 0, `${where}: ${expression}`);
        answered++;
      }
      assert.ok(answered >= 20, `${answered} expressions have an answer`);
    },
  );
});
