import { CUT, flawsOf, isCut } from "../../store/postgres/distribution.ts";
import type { PostgresState } from "../../store/postgres/inspect.ts";
import type { Check } from "./check.ts";

/**
 * Checks that our tables are distributed correctly over the nodes of Citus, and that all nodes
 * answer; none without Citus.
 */
export function citusChecks({
  distribution,
  nodes,
}: Pick<PostgresState, "distribution" | "nodes">): readonly Check[] {
  if (distribution === undefined) return [];
  return [tablesCheck(distribution), nodesCheck(nodes)];
}

function tablesCheck(tables: NonNullable<PostgresState["distribution"]>): Check {
  const name = "citus tables";
  const flaws = flawsOf(tables);
  const operations = tables.find((table) => table.name === "operations");
  if (flaws.length > 0) {
    // Tables that are not distributed at all will be by the next migrate, or the next process that
    // starts.
    const status = isCut(tables) ? "fail" : "warn";
    return {
      name,
      status,
      message: flaws.join("; "),
      next: "Stop all processes first: nothing may write meanwhile.",
    };
  }
  const message = `${CUT.length} tables are distributed by shard, ${operations?.pieces} pieces on ${operations?.nodes} nodes; the small tables are on every node`;
  return { name, status: "ok", message };
}

function nodesCheck(nodes: PostgresState["nodes"]): Check {
  const name = "citus nodes";
  const away = nodes.filter(({ problem }) => problem !== null);
  if (away.length > 0) {
    const message = away.map((node) => `${node.name} is away: ${node.problem}`).join("; ");
    const next =
      "Calls of its shards are UNAVAILABLE, and so are lists and the sweep, until it is back. Start it, or say where it is now: select citus_update_node(id, host, port);";
    return { name, status: "fail", message, next };
  }
  if (nodes.length === 0) {
    const next = "Add one: select citus_add_node(host, port); and then: select citus_rebalance_start();";
    return {
      name,
      status: "warn",
      message: "there are no worker nodes; everything is on the coordinator",
      next,
    };
  }
  return { name, status: "ok", message: `${nodes.length} worker nodes answer` };
}
