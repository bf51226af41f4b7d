import { listAt, textOf, textAt, type Tree, yamlOf } from "./files.ts";

/** PromQL in a file below `deploy/`. */
export interface Expression {
  readonly where: string;
  readonly expression: string;
  /** Whether a panel shows it. */
  readonly isPanel: boolean;
}

/** The dashboard's queries: of its panels, its variables and its annotations. */
export function expressionsOfDashboard(): readonly Expression[] {
  const dashboard = JSON.parse(textOf("grafana/longrunning.json")) as Tree;
  const panels = listAt(dashboard, "panels").flatMap((panel) =>
    listAt(panel, "targets").map((target) => ({
      where: `panel "${textAt(panel, "title")}"`,
      expression: textAt(target, "expr"),
      isPanel: true,
    })),
  );
  const variables = listAt(dashboard, "templating.list").flatMap((variable) => {
    // Grafana's query for the values of a metric's label.
    const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(textAt(variable, "definition")) ?? [];
    if (metric === undefined) return [];
    const where = `variable ${textAt(variable, "name")}`;
    return [{ where, expression: `count by (${label}) (${metric})`, isPanel: false }];
  });
  return [...panels, ...variables];
}

/** The expression of an alert. */
export interface Alert {
  readonly name: string;
  readonly expression: string;
  readonly summary: string;
  readonly description: string;
  readonly severity: string;
}

/** The alerts, in their order. */
export function alerts(): readonly Alert[] {
  return listAt(yamlOf("prometheus/alerts.yaml"), "groups")
    .flatMap((group) => listAt(group, "rules"))
    .map((rule) => ({
      name: textAt(rule, "alert"),
      expression: textAt(rule, "expr"),
      summary: textAt(rule, "annotations.summary"),
      description: textAt(rule, "annotations.description"),
      severity: textAt(rule, "labels.severity"),
    }));
}

/** The metric by which workers are scaled, with the placeholders of its rule filled. */
export function expressionOfAdapter(): Expression {
  const [rule] = listAt(yamlOf("kubernetes/prometheus-adapter.yaml"), "externalRules");
  const expression = textAt(rule, "metricsQuery")
    .replaceAll("<<.Series>>", textAt(rule, "seriesQuery"))
    .replaceAll("<<.LabelMatchers>>", 'namespace="archive"');
  return { where: "prometheus-adapter.yaml", expression, isPanel: false };
}
