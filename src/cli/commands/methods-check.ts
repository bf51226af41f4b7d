import type { Method } from "../../core/method/method.ts";
import { countOf } from "../output/count.ts";
import { jsonSchemaOf } from "../../core/method/schema.ts";
import { MistakesError } from "../../forms/mistakes.ts";
import { defineCommand } from "../command.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { readMethodsFile } from "../declared-methods.ts";
import type { Io } from "../io.ts";
import { printJson } from "../operators/print.ts";
import { oneLine } from "../output/style.ts";
import { tableLines } from "../output/table.ts";

/** `longrunning methods check FILE`. */
export const methodsCheck = defineCommand({
  name: "methods check",
  summary: "Checks a file of methods, and shows the methods that it declares.",
  description: [
    "It reads the same file as serve --methods FILE, with the files that it names, and changes nothing. Each mistake is shown with its file, line and column.",
  ],
  words: { usage: "FILE", min: 1, max: 1 },
  options: { output: OUTPUT_OPTION },
  settings: [],
  examples: [
    "longrunning methods check methods.yaml",
    "longrunning methods check methods.yaml --output json | jq .mistakes",
  ],
  exits: ["succeeded", "failed", "usage"],
  async run(io, { words, options }) {
    const [file = ""] = words;
    const isJson = options.output === "json";
    try {
      const methods = await readMethodsFile(io, file);
      if (isJson) printJson(io, { methods: methods.map(shown), mistakes: [] });
      else print(io, file, methods);
      return "succeeded";
    } catch (error) {
      if (!(error instanceof MistakesError)) throw error;
      if (isJson) printJson(io, { mistakes: error.mistakes });
      else io.stdout.write(`${error.message}\n`);
      return "failed";
    }
  },
});

function print(io: Io, file: string, methods: readonly Method[]): void {
  const rows = methods.map((method) => [
    `  ${method.name}`,
    method.isRemote ? "workers run it" : "a URL runs it",
    oneLine(method.description),
  ]);
  const count = countOf(methods.length, "method");
  io.stdout.write(`${[`${file}: ${count}, and no mistakes`, ...tableLines(rows)].join("\n")}\n`);
}

/** A method as JSON, for scripts. */
function shown(method: Method): object {
  const { name, description, request, response, metadata, isRemote } = method;
  return {
    name,
    description,
    run: isRemote ? "remote" : "url",
    request: jsonSchemaOf(request, "input"),
    response: jsonSchemaOf(response, "output"),
    metadata: jsonSchemaOf(metadata, "output"),
  };
}
