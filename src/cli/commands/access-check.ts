import { RulesError } from "../../access/rules.ts";
import { readRules } from "../access-rules.ts";
import { defineCommand } from "../command.ts";
import { OUTPUT_OPTION } from "../connect.ts";

/** `longrunning access check FILE`. */
export const accessCheck = defineCommand({
  name: "access check",
  summary: "Checks a file of access rules, and shows each mistake with its line and column.",
  description: ["It reads the same file as serve --access FILE, and changes nothing."],
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
      const { grants, groups } = await readRules(io, file);
      const counts = { grants: grants.length, groups: groups.size };
      const line = `${file}: ${counts.grants} grants and ${counts.groups} groups, and no mistakes`;
      io.stdout.write(`${isJson ? JSON.stringify({ ...counts, mistakes: [] }, null, 2) : line}\n`);
      return "succeeded";
    } catch (error) {
      if (!(error instanceof RulesError)) throw error;
      const { mistakes } = error;
      io.stdout.write(`${isJson ? JSON.stringify({ mistakes }, null, 2) : error.message}\n`);
      return "failed";
    }
  },
});
