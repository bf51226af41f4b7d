import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { configOf, stagesOf } from "./containerfile.ts";
import { at, listAt, pathsOf, textOf, textAt, type Tree, yamlOf } from "./files.ts";
import {
  containerOf,
  environmentOf,
  type Manifest,
  manifestOf,
  manifests,
  manifestsOf,
  selects,
} from "./manifests.ts";

const image = configOf(stagesOf(textOf("Containerfile")).at(-1) ?? assert.fail("no stage"));
const API = manifestOf("Deployment", "longrunning-api");
const WORKER = manifestOf("Deployment", "longrunning-worker");
const RUN = [...manifestsOf("Deployment", "Job")];

const podOf = ({ tree }: Manifest): Tree | undefined => at(tree, "spec.template.spec");
const labelsOf = ({ tree }: Manifest): Tree | undefined => at(tree, "spec.template.metadata.labels");

const secretOf = (manifest: Manifest): string | undefined => environmentOf(manifest)["LONGRUNNING_STORE"];

/** The ports of a container by their names. */
function portsOf(manifest: Manifest): Readonly<Record<string, number>> {
  const ports = listAt(containerOf(manifest), "ports");
  return Object.fromEntries(ports.map((port) => [textAt(port, "name"), Number(at(port, "containerPort"))]));
}

suite("deploy/kubernetes", () => {
  test("has everything that a service needs, each once", () => {
    const kinds = manifests().map(({ kind }) => kind);
    assert.deepEqual(kinds.toSorted(), [
      "Deployment",
      "Deployment",
      "HorizontalPodAutoscaler",
      "Job",
      "NetworkPolicy",
      "NetworkPolicy",
      "PodDisruptionBudget",
      "PodDisruptionBudget",
      "PodMonitor",
      "Service",
      "ServiceAccount",
    ]);
  });

  test("every file is listed in the kustomization beside it, and every kustomization exists", () => {
    for (const path of pathsOf("kubernetes/**/kustomization.yaml")) {
      const folder = path.slice(0, path.lastIndexOf("/"));
      const named = [...listAt(yamlOf(path), "resources"), ...listAt(yamlOf(path), "components")].map(String);
      const beside = pathsOf(`${folder}/*.yaml`).filter((file) => file !== path);
      assert.deepEqual(
        named.filter((name) => name.endsWith(".yaml")).toSorted(),
        beside.map((file) => file.slice(folder.length + 1)).toSorted(),
        path,
      );
      for (const other of named.filter((name) => !name.endsWith(".yaml"))) {
        assert.equal(pathsOf(`${folder}/${other}/kustomization.yaml`).length, 1, `${path}: ${other}`);
      }
    }
  });

  test("pods run as the image's user, without any privileges, with a read-only root", () => {
    for (const manifest of RUN) {
      const pod = podOf(manifest);
      const [user, group] = image.user.split(":").map(Number);
      assert.deepEqual(
        at(pod, "securityContext"),
        {
          runAsNonRoot: true,
          runAsUser: user,
          runAsGroup: group,
          seccompProfile: { type: "RuntimeDefault" },
        },
        manifest.name,
      );
      assert.deepEqual(
        at(containerOf(manifest), "securityContext"),
        { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
        manifest.name,
      );
      assert.equal(at(pod, "automountServiceAccountToken"), false, manifest.name);
    }
  });

  test("no Service sets one of our variables", () => {
    assert.equal(manifestOf("Service", "longrunning").name, "longrunning");
    for (const manifest of RUN) assert.equal(at(podOf(manifest), "enableServiceLinks"), false, manifest.name);
  });

  test("pods request what they need, and limit their memory", () => {
    for (const manifest of RUN) {
      const { requests, limits } = at(containerOf(manifest), "resources") as Record<
        string,
        Record<string, string>
      >;
      assert.match(requests?.["cpu"] ?? "", /^\d+m$/, manifest.name);
      assert.match(requests?.["memory"] ?? "", /^\d+[MG]i$/, manifest.name);
      assert.match(limits?.["memory"] ?? "", /^\d+[MG]i$/, manifest.name);
    }
  });

  test("containers run the image with its own entry point", () => {
    for (const manifest of RUN) {
      const container = containerOf(manifest);
      assert.equal(at(container, "image"), "longrunning-service");
      assert.equal(at(container, "command"), undefined);
      const expected = manifest.kind === "Job" ? ["migrate"] : image.command;
      assert.deepEqual(at(container, "args"), expected);
    }
  });

  test("store addresses come from secrets that are in no file", () => {
    assert.deepEqual([API, WORKER].map(secretOf), ["[longrunning-store]", "[longrunning-store]"]);
    assert.equal(secretOf(manifestOf("Job", "longrunning-migrate")), "[longrunning-migration]");
    assert.deepEqual(manifestsOf("Secret"), []);
  });

  test("probes request existing addresses, on the port that the process has", () => {
    for (const manifest of [API, WORKER]) {
      const container = containerOf(manifest);
      const environment = environmentOf(manifest);
      const [name, port] = Object.entries(portsOf(manifest))[0] ?? [];
      const variable = manifest === API ? "LONGRUNNING_PORT" : "LONGRUNNING_PROBE_PORT";
      assert.equal(String(port), environment[variable]);
      const paths = { startupProbe: "/livez", livenessProbe: "/livez", readinessProbe: "/readyz" };
      for (const [probe, path] of Object.entries(paths)) {
        assert.deepEqual(
          at(container, `${probe}.httpGet`),
          { path, port: name },
          `${manifest.name}: ${probe}`,
        );
      }
    }
  });

  test("selectors match the pods of one Deployment", () => {
    const selectors = [
      at(manifestOf("Service", "longrunning").tree, "spec.selector"),
      at(manifestOf("PodDisruptionBudget", "longrunning-api").tree, "spec.selector.matchLabels"),
      at(manifestOf("NetworkPolicy", "longrunning-callers").tree, "spec.podSelector.matchLabels"),
      at(API.tree, "spec.selector.matchLabels"),
    ];
    for (const selector of selectors) {
      assert.ok(
        selects(selector, labelsOf(API)) && !selects(selector, labelsOf(WORKER)),
        JSON.stringify(selector),
      );
    }
    const budget = at(
      manifestOf("PodDisruptionBudget", "longrunning-worker").tree,
      "spec.selector.matchLabels",
    );
    for (const selector of [budget, at(WORKER.tree, "spec.selector.matchLabels")]) {
      assert.ok(selects(selector, labelsOf(WORKER)) && !selects(selector, labelsOf(API)));
    }
    const monitor = at(manifestOf("PodMonitor", "longrunning").tree, "spec.selector.matchLabels");
    const all = at(manifestOf("NetworkPolicy", "longrunning").tree, "spec.podSelector.matchLabels");
    for (const manifest of RUN) assert.ok(selects(all, labelsOf(manifest)), manifest.name);
    for (const manifest of [API, WORKER]) assert.ok(selects(monitor, labelsOf(manifest)), manifest.name);
  });

  test("ports are referred to by names that containers have", () => {
    const names = new Set([API, WORKER].flatMap((manifest) => Object.keys(portsOf(manifest))));
    const used = [
      ...listAt(manifestOf("Service", "longrunning").tree, "spec.ports").map((port) =>
        at(port, "targetPort"),
      ),
      ...listAt(manifestOf("PodMonitor", "longrunning").tree, "spec.podMetricsEndpoints").map((end) =>
        at(end, "port"),
      ),
      ...manifestsOf("NetworkPolicy")
        .flatMap(({ tree }) => listAt(tree, "spec.ingress"))
        .flatMap((rule) => listAt(rule, "ports").map((port) => at(port, "port"))),
    ];
    assert.ok(used.length >= 6);
    for (const name of used) assert.ok(names.has(textAt(name, "")), textAt(name, ""));
  });

  test("the number of workers follows a metric that the adapter's rule provides", () => {
    const { tree } = manifestOf("HorizontalPodAutoscaler", "longrunning-worker");
    assert.deepEqual(at(tree, "spec.scaleTargetRef"), {
      apiVersion: "apps/v1",
      kind: "Deployment",
      name: WORKER.name,
    });
    // A fixed number besides would be restored with every apply.
    assert.equal(at(WORKER.tree, "spec.replicas"), undefined);
    const [rule] = listAt(yamlOf("kubernetes/prometheus-adapter.yaml"), "externalRules");
    const [metric] = listAt(tree, "spec.metrics");
    assert.equal(at(metric, "external.metric.name"), at(rule, "name.as"));
  });

  test("an overlay changes only resources that exist", () => {
    for (const path of pathsOf("kubernetes/overlays/*/kustomization.yaml")) {
      for (const change of listAt(yamlOf(path), "images"))
        assert.equal(at(change, "name"), "longrunning-service", path);
      for (const patch of listAt(yamlOf(path), "patches")) {
        assert.ok(manifestOf(textAt(patch, "target.kind"), textAt(patch, "target.name")), path);
      }
    }
  });
});
