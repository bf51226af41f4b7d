import { RestCaller } from "../../client/rest/caller.ts";
import { CALLER_KEYS } from "../../config/setting-keys.ts";
import { defineCommand } from "../command.ts";
import { callerHeaders, type CallerSettings, OUTPUT_OPTION } from "../connect.ts";
import { CommandError } from "../exit.ts";
import type { Io } from "../io.ts";
import { type OfferedMethod, offeredMethods } from "../offered.ts";
import { printJson, tableSetting } from "../operators/print.ts";
import { oneLine } from "../output/style.ts";
import { serverFlag } from "../server-flag.ts";

/** `longrunning methods`. */
export const methods = defineCommand({
  name: "methods",
  summary: "Lists the methods of a server, each with an example request.",
  description: ["It reads the request schemas from the server's OpenAPI document."],
  words: { usage: "", min: 0, max: 0 },
  options: { output: OUTPUT_OPTION },
  settings: CALLER_KEYS,
  examples: ["longrunning methods", "longrunning methods --output json | jq '.[].example'"],
  exits: ["succeeded", "usage", "unreachable", "refused"],
  async run(io, { options, settings }) {
    const { server } = settings;
    const offered = offeredMethods(await documentOf(io, settings));
    if (options.output === "json") printJson(io, offered);
    else io.stdout.write(textOf(io, offered, server));
    return "succeeded";
  },
});

async function documentOf(io: Io, settings: CallerSettings): Promise<unknown> {
  const { fetch, clock } = io;
  try {
    return await new RestCaller(settings.server, { fetch, clock, headers: callerHeaders(settings) }).call({
      verb: "GET",
      path: "/openapi.json",
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError("usage", error.message, "Give another one with --server.");
  }
}

function textOf(io: Io, offered: readonly OfferedMethod[], server: string): string {
  if (offered.length === 0) return "The server offers no methods.\n";
  const { style } = tableSetting(io);
  const lines = offered.flatMap((method) => [
    `${style.bold(oneLine(method.name))}  ${oneLine(method.summary)}`,
    ...callsOf(method, server).map((call) => `  ${call}`),
    "",
  ]);
  return lines.join("\n");
}

/**
 * Command lines for the shell: one that starts an operation, and for an RPC one that calls its
 * address. The server's texts are quoted, so that none of them can be a command.
 */
function callsOf(method: OfferedMethod, server: string): readonly string[] {
  const { name, verb, path, example, examplePath, start } = method;
  const isStart = path === `/v1:${name}`;
  const request = start === undefined ? "" : ` --json ${inShell(start)}`;
  const started = `longrunning start ${plain(name)}${request}${serverFlag(server)}`;
  const sent = example === undefined ? "" : ` -H 'content-type: application/json' -d ${inShell(example)}`;
  const called = `curl -X ${verb} ${quoted(`${server}${oneLine(examplePath)}`)}${sent}`;
  if (isStart) return [started];
  return start === undefined ? [called] : [started, called];
}

function inShell(value: unknown): string {
  return quoted(oneLine(JSON.stringify(value)));
}

function plain(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : quoted(oneLine(name));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
