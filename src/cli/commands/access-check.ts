import { hintsOf } from "../../access/hints.ts";
import { countOf } from "../output/count.ts";
import { RulesError } from "../../access/rules.ts";
import { readRules } from "../access-rules.ts";
import { defineCommand } from "../command.ts";
import { OUTPUT_OPTION } from "../connect.ts";

/** `longrunning access check FILE`. */
export const accessCheck = defineCommand({
  name: "access check",
  summary: "Checks a file of access rules, and shows each mistake with its line and column.",
  description: [
    "It reads the same file as serve --access FILE, and changes nothing. Hints about parts that have no effect follow; they do not change the exit code.",
  ],
  words: { usage: "FILE", min: 1, max: 1 },
  options: { output: OUTPUT_OPTION },
  settings: [],
  examples: [
    "longrunning access check access.yaml",
    "longrunning access check access.yaml --output json | jq .mistakes",
  ],
  exits: ["succeeded", "failed", "usage"],
  async run(io, { words, options }) {
    const [file = ""] = words;
    const isJson = options.output === "json";
    try {
      const rules = await readRules(io, file);
      const counts = { grants: rules.grants.length, groups: rules.groups.size };
      const hints = hintsOf(rules, io.clock.now());
      const lines = [
        `${file}: ${countOf(counts.grants, "grant")} and ${countOf(counts.groups, "group")}, and no mistakes`,
        ...hints.map((hint) => `${file}: ${hint}`),
      ];
      const result = { ...counts, mistakes: [], hints };
      io.stdout.write(`${isJson ? JSON.stringify(result, null, 2) : lines.join("\n")}\n`);
      return "succeeded";
    } catch (error) {
      if (!(error instanceof RulesError)) throw error;
      const { mistakes } = error;
      io.stdout.write(`${isJson ? JSON.stringify({ mistakes }, null, 2) : error.message}\n`);
      return "failed";
    }
  },
});
