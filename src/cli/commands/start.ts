import type { StartOptions } from "../../client/index.ts";
import { readBody } from "../body.ts";
import { defineCommand } from "../command.ts";
import { connect, OUTPUT_OPTION } from "../connect.ts";
import { WAITING_EXITS } from "../exit.ts";
import { exitOfOperation } from "../outcome.ts";
import { showOperation } from "../output/show.ts";
import { oneLine } from "../output/style.ts";
import { checkTimeout, watch } from "../watch.ts";

/** `longrunning start METHOD`. */
export const start = defineCommand({
  name: "start",
  summary: "Starts an operation.",
  description: [
    "The server answers at once, and the work goes on behind it. Without --wait the exit code tells only whether the " +
      "operation was started.",
  ],
  words: { usage: "METHOD", min: 1, max: 1 },
  options: {
    json: {
      type: "string",
      default: "{}",
      placeholder: "JSON",
      help: "The request: JSON, @FILE, or - for standard input.",
    },
    parent: {
      type: "string",
      default: "",
      help: "The collection to put it under, such as projects/p/locations/l.",
    },
    requestId: {
      type: "string",
      placeholder: "ID",
      help: "Makes a repeated start the same start; a UUID, say. With it, a lost connection is tried again.",
    },
    validateOnly: { type: "boolean", default: false, help: "Checks the request and starts nothing." },
    timeToLive: {
      type: "duration",
      min: "1s",
      max: "3650d",
      help: "How long the finished operation is kept, within the method's bounds.",
    },
    delay: { type: "duration", min: "0s", max: "365d", help: "How long after its start it may begin." },
    priority: {
      type: "integer",
      min: 0,
      max: 9,
      help: "Of what may begin, what has a higher one begins first.",
    },
    callbackUrl: {
      type: "string",
      placeholder: "URL",
      help: "An address that is told of its end, of a host that the service lists for callbacks.",
    },
    wait: { type: "boolean", default: false, help: "Waits until it is done, as the command wait does." },
    timeout: { type: "duration", min: "1s", max: "365d", help: "With --wait: stops waiting after this." },
    output: OUTPUT_OPTION,
  },
  settings: ["server", "config"],
  examples: [
    `longrunning start createArchive --json '{"directory": "/var/log"}' --wait`,
    'longrunning start createArchive --json @request.json --request-id "$(uuidgen)"',
    "jq -n '{directory: $ENV.HOME}' | longrunning start createArchive --json -",
  ],
  exits: WAITING_EXITS,
  async run(io, { words, options, settings }) {
    checkTimeout(options);
    const client = connect(io, settings);
    const { parent, requestId, validateOnly, timeToLiveMs, delayMs, priority, callbackUrl } = options;
    const { timeoutMs, output } = options;
    const request = await readBody(io, options.json);
    const startOptions: StartOptions = {
      parent,
      validateOnly,
      ...(requestId === undefined ? {} : { requestId }),
      ...(timeToLiveMs === undefined ? {} : { timeToLive: `${timeToLiveMs}ms` as const }),
      ...(delayMs === undefined ? {} : { delay: `${delayMs}ms` as const }),
      ...(priority === undefined ? {} : { priority }),
      ...(callbackUrl === undefined ? {} : { callbackUrl }),
    };
    const operation = await client.start(words[0] ?? "", request, startOptions);
    if (!options.wait || operation.done || operation.name === "") {
      showOperation(io, operation, output);
      return options.wait && operation.done ? exitOfOperation(operation) : "succeeded";
    }
    io.stderr.write(`Started ${oneLine(operation.name)}\n`);
    return await watch(io, client, operation.name, { server: settings.server, output, timeoutMs });
  },
});
