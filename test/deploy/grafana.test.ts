import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { at, entriesAt, listAt, textOf, textAt, type Tree } from "./files.ts";
import { expressionsOfDashboard } from "./expressions.ts";
import { metricOf } from "./metrics.ts";
import { selectorsOf, withoutVariables } from "./promql.ts";

const DASHBOARD = JSON.parse(textOf("grafana/longrunning.json")) as Tree;
const PANELS = listAt(DASHBOARD, "panels");
const VARIABLES = listAt(DASHBOARD, "templating.list");

interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

const boxOf = (panel: Tree): Box => at(panel, "gridPos") as unknown as Box;

/** Every object of a tree that has a given key. */
function objectsWith(tree: Tree, key: string): readonly Tree[] {
  if (typeof tree !== "object" || tree === null) return [];
  const below = Object.values(tree).flatMap((each) => objectsWith(each, key));
  return key in tree ? [tree, ...below] : below;
}

suite("deploy/grafana/longrunning.json", () => {
  test("asks for its data source when it is imported, and finds one when it is provisioned", () => {
    assert.ok(Number(at(DASHBOARD, "schemaVersion")) >= 39);
    assert.equal(at(DASHBOARD, "id"), null);
    const [input] = listAt(DASHBOARD, "__inputs");
    assert.deepEqual([at(input, "name"), at(input, "pluginId")], ["DS_PROMETHEUS", "prometheus"]);
    const [source, ...others] = VARIABLES;
    assert.deepEqual(
      [at(source, "name"), at(source, "type"), at(source, "query")],
      ["DS_PROMETHEUS", "datasource", "prometheus"],
    );
    assert.deepEqual(
      others.map((variable) => at(variable, "name")),
      ["method", "instance"],
    );
    for (const part of objectsWith(DASHBOARD, "datasource").filter((each) => at(each, "type") !== "row")) {
      assert.deepEqual(at(part, "datasource"), { type: "prometheus", uid: "${DS_PROMETHEUS}" });
    }
  });

  test("has panels with unique ids and descriptions that do not overlap", () => {
    const ids = PANELS.map((panel) => at(panel, "id"));
    assert.equal(new Set(ids).size, ids.length);
    const required = new Set(listAt(DASHBOARD, "__requires").map((each) => at(each, "id")));
    const boxes = PANELS.map(boxOf);
    for (const [index, panel] of PANELS.entries()) {
      const box = boxOf(panel);
      assert.ok(box.x >= 0 && box.x + box.w <= 24, JSON.stringify(box));
      const others = boxes.slice(index + 1);
      const overlaps = others.some(
        (o) => box.x < o.x + o.w && o.x < box.x + box.w && box.y < o.y + o.h && o.y < box.y + box.h,
      );
      assert.ok(!overlaps, textAt(panel, "title"));
      if (at(panel, "type") === "row") continue;
      assert.ok(required.has(at(panel, "type") ?? null), textAt(panel, "type"));
      assert.match(textAt(panel, "description"), /^[A-Z].*\.$/, textAt(panel, "title"));
      assert.ok(at(panel, "fieldConfig.defaults.unit") !== undefined);
    }
  });

  test("filters by method and process wherever there are such labels", () => {
    const all = expressionsOfDashboard();
    assert.ok(all.length > 25);
    for (const { expression, where } of all.filter(({ isPanel }) => isPanel)) {
      for (const { labels, metric } of selectorsOf(withoutVariables(expression))) {
        assert.ok(labels.includes("instance"), `${where}: ${expression}`);
        const isOfMethods = metricOf(metric)?.labels.includes("method");
        assert.equal(labels.includes("method"), isOfMethods, `${where}: ${expression}`);
      }
    }
  });

  test("counts the store's values once, whichever process reports them", () => {
    for (const { expression, where } of expressionsOfDashboard()) {
      for (const [found] of expression.matchAll(
        /(?:\w+ by \([^)]*\) |\w+)\(longrunning_operations_(?:pending|running|blocked|delayed)\b/g,
      )) {
        assert.match(found, /^max/, `${where}: ${expression}`);
      }
    }
  });

  test("legends use labels by which their series are grouped", () => {
    for (const panel of PANELS) {
      for (const target of listAt(panel, "targets")) {
        const legend = textAt(target, "legendFormat");
        const labels = selectorsOf(withoutVariables(textAt(target, "expr"))).flatMap((each) => each.labels);
        for (const [, label = ""] of legend.matchAll(/\{\{(\w+)\}\}/g)) {
          assert.ok(labels.includes(label), `${textAt(panel, "title")}: ${legend}`);
        }
      }
    }
    assert.ok(entriesAt(DASHBOARD, "time").length > 0);
  });
});
