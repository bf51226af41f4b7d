import { WILDCARD } from "../../core/operation/collection.ts";
import { CALLER_KEYS } from "../../config/setting-keys.ts";
import { defineCommand } from "../command.ts";
import { type CallerSettings, connect, OUTPUT_OPTION } from "../connect.ts";
import { type Client, type ClientOperation, StatusError, stateOf } from "../../client/index.ts";
import { type ExitName, WAITING_EXITS } from "../exit.ts";
import type { Io } from "../io.ts";
import { checkTarget } from "../operators/target.ts";
import { connectOperators } from "../operators/connect.ts";
import { exitOfError } from "../outcome.ts";
import { oneLine } from "../output/style.ts";
import { serverFlag } from "../server-flag.ts";
import { checkTimeout, watch, type WatchOptions } from "../watch.ts";

/** `longrunning cancel NAME`. */
export const cancel = defineCommand({
  name: "cancel",
  summary:
    "Requests the cancellation of an operation, or, for operators, of all operations that match a filter.",
  description: [
    "The answer comes at once. The handler's signal aborts, and the handler stops when it can, so the operation may still succeed. " +
      "Repeating the request is harmless. An operation that has ended stays as it is. With --wait the exit code is the outcome: 3 if the operation was cancelled.",
    "With --filter, --method or --all it cancels many operations. The server runs this as an operation, which reports progress and " +
      "can be cancelled. Operations that start after the count are not affected. Use --dry-run to see the matches first.",
  ],
  words: { usage: "[NAME]", min: 0, max: 1 },
  options: {
    filter: {
      type: "string",
      default: "",
      help: "Cancels the operations of all collections that match the filter (AIP-160).",
    },
    method: { type: "string", default: "", help: "Cancels operations of this method." },
    all: { type: "boolean", default: false, help: "Cancels every operation that is not done." },
    parent: {
      type: "string",
      help: "With a selection: only in this collection. Default: in all collections.",
    },
    dryRun: {
      type: "boolean",
      default: false,
      help: "With a selection: shows the matching operations, and cancels nothing.",
    },
    wait: {
      type: "boolean",
      default: false,
      help: "Waits until the operation is done, like the command wait.",
    },
    timeout: { type: "duration", min: "1s", max: "365d", help: "With --wait: stops waiting after this." },
    output: OUTPUT_OPTION,
  },
  settings: [...CALLER_KEYS, "adminToken"],
  examples: [
    "longrunning cancel operations/0199aabb-ccdd-7eff-8000-000000000001 --wait",
    "longrunning cancel --filter 'metadata.state = PENDING' --method createArchive --dry-run",
  ],
  exits: WAITING_EXITS,
  async run(io, { words, options, settings }) {
    const { wait, output, timeoutMs, dryRun, filter, method, parent = WILDCARD } = options;
    checkTimeout(options);
    const waiting = { server: settings.server, output, timeoutMs };
    if (checkTarget(words, options) === "one") {
      const [name = ""] = words;
      return await cancelOne(io, name, { ...waiting, wait, settings });
    }
    const client = await connectOperators(io, settings);
    const { cancelMany } = await import("../operators/cancel-many.ts");
    const { server } = settings;
    const name = await cancelMany(io, client, { collection: parent, filter, method, dryRun, server });
    if (name === undefined || !wait) return "succeeded";
    return await watch(io, connect(io, settings), name, waiting);
  },
});

interface CancelOne extends WatchOptions {
  readonly wait: boolean;
  readonly settings: CallerSettings;
}

async function cancelOne(io: Io, name: string, { wait, settings, ...waiting }: CancelOne): Promise<ExitName> {
  const client = connect(io, settings);
  const before = await readable(client, name);
  await client.cancel(name);
  const shown = oneLine(name);
  const isDone = before?.done === true;
  if (isDone) io.stderr.write(`${shown} had already ended: ${endOf(before)}\n`);
  else if (before?.metadata.requestedCancellation === true)
    io.stderr.write(`${shown} had already been asked to stop.\n`);
  else io.stderr.write(`Asked ${shown} to stop.\n`);
  if (wait) return await watch(io, client, name, waiting);
  const next = isDone ? "See it with: longrunning get" : "See what becomes of it with: longrunning wait";
  io.stderr.write(`${next} ${shown}${serverFlag(settings.server)}\n`);
  return "succeeded";
}

/** The operation; undefined if this caller may cancel it but not read it. */
async function readable(client: Client, name: string): Promise<ClientOperation | undefined> {
  try {
    return await client.get(name);
  } catch (error) {
    if (error instanceof StatusError && exitOfError(error) === "refused") return undefined;
    throw error;
  }
}

function endOf(operation: ClientOperation): string {
  const { error } = operation;
  const state = stateOf(operation);
  return state === "FAILED" && error !== null
    ? `FAILED, ${error.code}: ${oneLine(error.message)}`
    : `${state}.`;
}
