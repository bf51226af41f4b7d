import { type ClientOperation, stateOf } from "../../client/index.ts";
import type { State } from "../../core/operation/operation.ts";
import { defineCommand } from "../command.ts";
import { connect, OUTPUT_OPTION } from "../connect.ts";
import type { Io } from "../io.ts";
import { progressOf } from "../output/show.ts";
import { oneLine, paintState, styleFor } from "../output/style.ts";
import { tableLines } from "../output/table.ts";

/** `longrunning list`. */
export const list = defineCommand({
  name: "list",
  summary: "Lists operations, newest first unless --order-by says otherwise.",
  description: ["Pages are fetched until there are --limit operations or no more."],
  words: { usage: "", min: 0, max: 0 },
  options: {
    parent: {
      type: "string",
      default: "",
      help: "The collection to list, such as projects/p/locations/l; - in place of a segment is any.",
    },
    filter: {
      type: "string",
      default: "",
      help: "Which operations, as the service understands filters (AIP-160).",
    },
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
      help: "Operations to a page; 0 leaves it to the server.",
    },
    limit: {
      type: "integer",
      default: 100,
      min: 1,
      max: 1_000_000,
      unit: "operations",
      help: "Operations at most.",
    },
    output: OUTPUT_OPTION,
  },
  settings: ["server", "config"],
  examples: [
    "longrunning list",
    "longrunning list --filter 'metadata.state = FAILED' --order-by 'endTime desc'",
    "longrunning list --parent projects/p --limit 1000 --output json | jq -r '.[] | select(.done | not) | .name'",
  ],
  exits: ["succeeded", "usage", "notFound", "unreachable", "refused"],
  async run(io, { options, settings }) {
    const { limit, output, ...call } = options;
    const operations: ClientOperation[] = [];
    let more = false;
    for await (const operation of connect(io, settings).list(call)) {
      more = operations.length === limit;
      if (more) break;
      operations.push(operation);
    }
    io.stdout.write(output === "json" ? `${JSON.stringify(operations, null, 2)}\n` : tableOf(io, operations));
    if (operations.length === 0 && output === "text") {
      io.stderr.write(
        `No operations${call.parent === "" ? "; below a parent, name it with --parent" : ""}.\n`,
      );
    }
    if (more) io.stderr.write(`There are more than ${limit}; see them with --limit.\n`);
    return "succeeded";
  },
});

function tableOf(io: Io, operations: readonly ClientOperation[]): string {
  if (operations.length === 0) return "";
  const style = styleFor(io, io.stdout);
  const rows = operations.map((operation) => [
    oneLine(operation.name),
    stateOf(operation),
    oneLine(operation.metadata.verb ?? ""),
    oneLine(operation.metadata.createTime ?? ""),
    storyOf(operation),
  ]);
  const paint = (cell: string, row: number, column: number): string => {
    if (row === 0) return style.dim(cell);
    return column === 1 ? paintState(style, cell as State) : cell;
  };
  const lines = tableLines([["NAME", "STATE", "METHOD", "CREATED", "PROGRESS"], ...rows], {
    paint,
    ...(io.stdout.isTerminal ? { columns: io.stdout.columns } : {}),
  });
  return `${lines.join("\n")}\n`;
}

/** The error of what failed, the progress of what is not done. */
function storyOf(operation: ClientOperation): string {
  if (operation.error !== null) return oneLine(`${operation.error.code}: ${operation.error.message}`);
  return operation.done ? "" : (progressOf(operation) ?? "");
}
