import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

/** The series that an expression reads. */
export interface Selector {
  /** Such as `longrunning_operations_started_total`. */
  readonly metric: string;
  /** Labels in its matchers, and labels by which it is grouped. */
  readonly labels: readonly string[];
}

/** The series that an expression reads, in order. @throws {Error} if it is not PromQL */
export function selectorsOf(expression: string): readonly Selector[] {
  const found: Selector[] = [];
  const textOf = (node: SyntaxNode): string => expression.slice(node.from, node.to);
  const visit = (node: SyntaxNode, grouping: readonly string[]): void => {
    if (node.type.isError) throw new Error(`No PromQL at ${node.from}: ${expression}`);
    const own = node.name === "AggregateExpr" ? labelsIn(node.getChild("AggregateModifier"), textOf) : [];
    if (node.name === "VectorSelector") {
      const name = node.getChild("Identifier");
      if (name === null) throw new Error(`A selector without a metric: ${expression}`);
      const matched = labelsIn(node.getChild("LabelMatchers"), textOf);
      found.push({ metric: textOf(name), labels: [...new Set([...matched, ...grouping])] });
    }
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      visit(child, [...grouping, ...own]);
    }
  };
  visit(parser.parse(expression).topNode, []);
  return found;
}

function labelsIn(node: SyntaxNode | null, textOf: (node: SyntaxNode) => string): readonly string[] {
  const names: string[] = [];
  node?.cursor().iterate((at) => {
    if (at.name === "LabelName") names.push(textOf(at.node));
  });
  return names;
}

/** Grafana's variables as Prometheus would get them. */
export function withoutVariables(expression: string): string {
  return expression.replaceAll("$__rate_interval", "1m").replaceAll(/\$\w+/g, ".*");
}
