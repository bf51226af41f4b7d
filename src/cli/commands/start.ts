import type { StartOptions } from "../../client/index.ts";
import { readBody } from "../body.ts";
import { CALLER_KEYS } from "../../config/setting-keys.ts";
import { defineCommand } from "../command.ts";
import { connect, OUTPUT_OPTION } from "../connect.ts";
import { WAITING_EXITS } from "../exit.ts";
import { exitOfOperation } from "../outcome.ts";
import { showOperation } from "../output/show.ts";
import { oneLine } from "../output/style.ts";
import { serverFlag } from "../server-flag.ts";
import { checkTimeout, watch } from "../watch.ts";

/** `longrunning start METHOD`. */
export const start = defineCommand({
  name: "start",
  summary: "Starts an operation.",
  description: [
    "The server answers at once, and the work continues in the background. Without --wait the exit code shows only whether " +
      "the operation was started.",
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
      help: "The parent of the operation, such as projects/p/locations/l.",
    },
    requestId: {
      type: "string",
      placeholder: "ID",
      help: "Identifies the start, for example a UUID: repeating it returns the same operation. The command then retries after a lost connection.",
    },
    validateOnly: { type: "boolean", default: false, help: "Checks the request and starts nothing." },
    timeToLive: {
      type: "duration",
      min: "1s",
      max: "3650d",
      help: "How long the done operation is kept, within the method's bounds.",
    },
    delay: {
      type: "duration",
      min: "0s",
      max: "365d",
      help: "The time between the start and the earliest begin of the first attempt.",
    },
    priority: {
      type: "integer",
      min: 0,
      max: 9,
      help: "Among available operations, a higher priority begins first.",
    },
    callbackUrl: {
      type: "string",
      placeholder: "URL",
      help: "An address that receives an event when the operation ends. The service must list its host for callbacks.",
    },
    wait: {
      type: "boolean",
      default: false,
      help: "Waits until the operation is done, like the command wait.",
    },
    timeout: { type: "duration", min: "1s", max: "365d", help: "With --wait: stops waiting after this." },
    output: OUTPUT_OPTION,
  },
  settings: CALLER_KEYS,
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
    const [method = ""] = words;
    const operation = await client.start(method, request, startOptions);
    if (!options.wait || operation.done || operation.name === "") {
      showOperation(io, operation, output, method);
      if (!operation.done && operation.name !== "" && output === "text")
        io.stderr.write(
          `Wait for it with: longrunning wait ${oneLine(operation.name)}${serverFlag(settings.server)}\n`,
        );
      return options.wait && operation.done ? exitOfOperation(operation) : "succeeded";
    }
    io.stderr.write(`Started ${oneLine(operation.name)}\n`);
    const { server } = settings;
    return await watch(io, client, operation.name, { server, output, timeoutMs, method });
  },
});
