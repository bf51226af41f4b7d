import type { Client, ClientOperation } from "../../client/index.ts";
import { SettingsError } from "../../config/parse.ts";
import { WILDCARD } from "../../core/operation/collection.ts";
import { STATES } from "../../core/operation/operation.ts";
import { CALLER_KEYS } from "../../config/setting-keys.ts";
import { defineCommand } from "../command.ts";
import { connect, OUTPUT_OPTION } from "../connect.ts";
import { operationLines } from "../output/operation-table.ts";
import { watchList } from "../watch-list.ts";

/** The number of operations with which a watch begins. */
const WATCHED_MAX = 1_000;

/** `longrunning list`. */
export const list = defineCommand({
  name: "list",
  summary: "Lists operations, newest first unless --order-by says otherwise.",
  description: [
    "Pages are fetched until there are --limit operations or no more. With --watch it watches the collection until Ctrl-C: " +
      "a terminal shows the updated table, a pipe gets a line for each new or changed operation. With --order-by, with a --limit " +
      "above 1000, and if the server refuses the watch, it polls every two seconds.",
  ],
  words: { usage: "", min: 0, max: 0 },
  options: {
    parent: {
      type: "string",
      default: "",
      help: "The collection to list, such as projects/p/locations/l; - in place of a segment matches any.",
    },
    filter: {
      type: "string",
      default: "",
      help: "Only operations that match this filter (AIP-160).",
    },
    method: { type: "string", default: "", help: "Only operations of this method." },
    state: {
      type: "enum",
      values: STATES,
      help: "Only operations in this state.",
    },
    allCollections: {
      type: "boolean",
      default: false,
      help: "Lists all collections, like --parent -.",
    },
    watch: { type: "boolean", default: false, help: "Keeps running and shows changes." },
    orderBy: {
      type: "string",
      default: "",
      help: "createTime or endTime, oldest first, or newest first with desc after it.",
    },
    pageSize: {
      type: "integer",
      default: 0,
      min: 0,
      max: 1_000,
      unit: "operations",
      help: "Operations per page; 0 uses the server's default.",
    },
    limit: {
      type: "integer",
      default: 100,
      min: 1,
      max: 1_000_000,
      unit: "operations",
      help: "The most operations to list.",
    },
    output: OUTPUT_OPTION,
  },
  settings: CALLER_KEYS,
  examples: [
    "longrunning list",
    "longrunning list --filter 'metadata.state = FAILED' --order-by 'endTime desc'",
    "longrunning list --all-collections --state RUNNING --watch",
    "longrunning list --parent projects/p --limit 1000 --output json | jq -r '.[] | select(.done | not) | .name'",
  ],
  exits: ["succeeded", "usage", "notFound", "unreachable", "refused", "interrupted"],
  async run(io, { options, settings }) {
    const { limit, output, orderBy, pageSize } = options;
    const call = { parent: parentOf(options), filter: filterOf(options), orderBy, pageSize };
    const client = connect(io, settings);
    if (options.watch) {
      const read = async (signal: AbortSignal) => (await firstOf(client, limit, call, { signal })).operations;
      const { parent, filter } = call;
      const isWatchable = orderBy === "" && limit <= WATCHED_MAX;
      const events = isWatchable
        ? (signal: AbortSignal) => client.watch({ parent, filter }, { signal })
        : undefined;
      return await watchList(io, { output, read, events, limit });
    }
    const { operations, more } = await firstOf(client, limit, call);
    if (output === "json") io.stdout.write(`${JSON.stringify(operations, null, 2)}\n`);
    else for (const line of operationLines(io, operations)) io.stdout.write(`${line}\n`);
    if (operations.length === 0 && output === "text") {
      const where = call.parent === "" ? "; below a parent, name it with --parent" : "";
      io.stderr.write(`No operations${where}.\n`);
    }
    if (more) io.stderr.write(`There are more than ${limit}; see them with --limit.\n`);
    return "succeeded";
  },
});

/**
 * All conditions in one filter, the caller's first and as it is, so that places in messages are
 * places in it. `OR` binds more tightly than `AND`, so no part needs parentheses.
 */
function filterOf(parts: {
  readonly filter: string;
  readonly method: string;
  readonly state: string | undefined;
}): string {
  const { filter, method, state } = parts;
  return [
    filter.trim() === "" ? [] : [filter],
    method === "" ? [] : [`metadata.verb = ${JSON.stringify(method).replaceAll("*", "\\*")}`],
    state === undefined ? [] : [`metadata.state = ${state}`],
  ]
    .flat()
    .join(" AND ");
}

/** @throws {SettingsError} if both flags are given */
function parentOf({
  parent,
  allCollections,
}: {
  readonly parent: string;
  readonly allCollections: boolean;
}): string {
  if (!allCollections) return parent;
  if (parent === "") return WILDCARD;
  throw new SettingsError(["all-collections: lists every collection; leave --parent out"]);
}

interface Page {
  readonly operations: readonly ClientOperation[];
  /** Whether there are more than requested. */
  readonly more: boolean;
}

async function firstOf(client: Client, limit: number, ...call: Parameters<Client["list"]>): Promise<Page> {
  const operations: ClientOperation[] = [];
  for await (const operation of client.list(...call)) {
    if (operations.length === limit) return { operations, more: true };
    operations.push(operation);
  }
  return { operations, more: false };
}
