import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { parseSettings } from "../../src/config/parse.ts";
import { SERVE_KEYS } from "../../src/config/setting-keys.ts";
import { at, DEPLOY, entriesAt, listAt, textAt, type Tree, yamlOf } from "./files.ts";
import { composeServices, deployedProcesses } from "./processes.ts";

/** With the version. */
const IMAGE = /^docker\.io\/[a-z/]+:v?\d+\.\d+(?:\.\d+)?$/;
const COMPOSE = yamlOf("compose.yaml");
const OURS = composeServices();

function service(name: string): Tree {
  return at(COMPOSE, `services.${name}`) ?? assert.fail(name);
}

function conditions(name: string): Tree | undefined {
  return at(service(name), "depends_on");
}

suite("deploy/compose.yaml", () => {
  test("starts PostgreSQL, a migration, two of each role, Prometheus and Grafana", () => {
    const names = entriesAt(COMPOSE, "services").map(([name]) => name);
    assert.deepEqual(names.toSorted(), ["api", "grafana", "migrate", "postgres", "prometheus", "worker"]);
    for (const name of ["api", "worker"]) assert.equal(at(service(name), "deploy.replicas"), 2);
    assert.deepEqual(
      OURS.map(([name]) => name),
      ["migrate", "api", "worker"],
    );
  });

  test("starts each service when its dependencies are healthy", () => {
    assert.deepEqual(conditions("migrate"), { postgres: { condition: "service_healthy" } });
    for (const name of ["api", "worker"]) {
      assert.deepEqual(conditions(name), { migrate: { condition: "service_completed_successfully" } });
    }
    for (const name of ["postgres", "prometheus", "grafana"]) {
      const [kind, ...words] = listAt(service(name), "healthcheck.test").map(String);
      assert.equal(kind, "CMD", name);
      assert.ok(words.length > 1, name);
    }
  });

  test("our processes have no privileges, and a read-only root", () => {
    for (const [name, tree] of OURS) {
      assert.equal(at(tree, "read_only"), true, name);
      assert.deepEqual(at(tree, "cap_drop"), ["ALL"], name);
      assert.deepEqual(at(tree, "security_opt"), ["no-new-privileges:true"], name);
    }
  });

  test("pins the versions of others' images", () => {
    for (const name of ["postgres", "prometheus", "grafana"]) {
      assert.match(textAt(service(name), "image"), IMAGE);
    }
  });

  test("opens ports only for this machine", () => {
    for (const [name, tree] of entriesAt(COMPOSE, "services")) {
      for (const port of listAt(tree, "ports")) assert.match(textAt(port, ""), /^127\.0\.0\.1:/, name);
    }
  });

  test("mounts existing files, and tells Prometheus the address of each process", () => {
    const mounts = entriesAt(COMPOSE, "services").flatMap(([, tree]) => listAt(tree, "volumes").map(String));
    for (const [from = ""] of mounts.map((mount) => mount.split(":"))) {
      if (from.startsWith(".")) assert.ok(existsSync(join(DEPLOY, from)), from);
      else
        assert.ok(
          entriesAt(COMPOSE, "volumes").some(([name]) => name === from),
          from,
        );
    }
    const [job] = listAt(yamlOf("prometheus/prometheus.yaml"), "scrape_configs");
    const found = listAt(job, "dns_sd_configs").map((config) => [
      listAt(config, "names")[0],
      at(config, "port"),
    ]);
    const worker = at(service("worker"), "environment.LONGRUNNING_PROBE_PORT");
    assert.deepEqual(found, [
      ["api", 8080],
      ["worker", Number(worker)],
    ]);
  });

  test("Grafana finds its data source and the dashboard", () => {
    const [source] = listAt(yamlOf("grafana/provisioning/datasources/prometheus.yaml"), "datasources");
    assert.equal(at(source, "url"), "http://prometheus:9090");
    const [provider] = listAt(yamlOf("grafana/provisioning/dashboards/longrunning.yaml"), "providers");
    const folder = textAt(provider, "options.path");
    const mounts = listAt(service("grafana"), "volumes").map(String);
    assert.ok(mounts.includes(`./grafana/longrunning.json:${folder}/longrunning.json:ro`));
    assert.equal(
      at(service("grafana"), "environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"),
      `${folder}/longrunning.json`,
    );
  });
});

suite("deploy/compose.traces.yaml, beside it", () => {
  const traces = yamlOf("compose.traces.yaml");

  test("tells the processes that answer calls or run handlers where to send traces, and no others", () => {
    const [api, worker, jaeger, ...others] = entriesAt(traces, "services");
    assert.deepEqual([api?.[0], worker?.[0], jaeger?.[0], others], ["api", "worker", "jaeger", []]);
    for (const [name, tree] of [api, worker].filter((each) => each !== undefined)) {
      assert.deepEqual(
        entriesAt(tree, "").map(([key]) => key),
        ["environment"],
      );
      const added = entriesAt(tree, "environment").map(([key, value]) => [key, textAt(value, "")]);
      const process = deployedProcesses().find((each) => each.name === `compose.yaml: ${name}`);
      const environment: Readonly<Record<string, string>> = {
        ...process?.environment,
        ...(Object.fromEntries(added) as Record<string, string>),
      };
      assert.equal(parseSettings(SERVE_KEYS, { flags: {}, environment }).otlp, true, name);
      assert.equal(environment["OTEL_EXPORTER_OTLP_ENDPOINT"], "http://jaeger:4318", name);
    }
  });

  test("opens Jaeger's page only for this machine, and pins its version", () => {
    assert.deepEqual(listAt(traces, "services.jaeger.ports"), ["127.0.0.1:16686:16686"]);
    assert.match(textAt(traces, "services.jaeger.image"), IMAGE);
  });
});
