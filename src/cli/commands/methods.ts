import { RestCaller } from "../../client/rest/caller.ts";
import { defineCommand } from "../command.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { CommandError } from "../exit.ts";
import type { Io } from "../io.ts";
import { type OfferedMethod, offeredMethods } from "../offered.ts";
import { printJson, tableSetting } from "../operators/print.ts";
import { oneLine } from "../output/style.ts";
import { serverFlag } from "../watch.ts";

/** `longrunning methods`. */
export const methods = defineCommand({
  name: "methods",
  summary: "Lists the methods of a server, each with an example request.",
  description: ["It reads the request schemas from the server's OpenAPI document."],
  words: { usage: "", min: 0, max: 0 },
  options: { output: OUTPUT_OPTION },
  settings: ["server", "config"],
  examples: ["longrunning methods", "longrunning methods --output json | jq '.[].example'"],
  exits: ["succeeded", "usage", "unreachable", "refused"],
  async run(io, { options, settings }) {
    const { server } = settings;
    const offered = offeredMethods(await documentOf(io, server));
    if (options.output === "json") printJson(io, offered);
    else io.stdout.write(textOf(io, offered, server));
    return "succeeded";
  },
});

async function documentOf(io: Io, server: string): Promise<unknown> {
  const { fetch, clock } = io;
  try {
    return await new RestCaller(server, { fetch, clock, headers: {} }).call({
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
    `  ${callOf(method, server)}`,
    "",
  ]);
  return lines.join("\n");
}

/**
 * A command line for the shell. The server's texts are quoted, so that none of them can be a
 * command.
 */
function callOf({ name, verb, path, example }: OfferedMethod, server: string): string {
  const body = example === undefined ? "" : quoted(oneLine(JSON.stringify(example)));
  if (path === `/v1:${name}`) {
    const request = body === "" ? "" : ` --json ${body}`;
    return `longrunning start ${plain(name)}${request}${serverFlag(server)}`;
  }
  const sent = body === "" ? "" : ` -H 'content-type: application/json' -d ${body}`;
  return `curl -X ${verb} ${quoted(`${server}${oneLine(path)}`)}${sent}`;
}

function plain(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : quoted(oneLine(name));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
