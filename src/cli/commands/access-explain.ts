import { explain } from "../../access/explain.ts";
import { RulesError } from "../../access/rules.ts";
import { ANONYMOUS } from "../../core/caller.ts";
import { StatusError } from "../../core/error/error.ts";
import { checkParent, parseCollection, parseName } from "../../core/operation/name.ts";
import { type Permission, PERMISSIONS } from "../../core/permission.ts";
import { didYouMean } from "../../core/value/nearest.ts";
import { readRules } from "../access-rules.ts";
import { defineCommand } from "../command.ts";
import { OUTPUT_OPTION } from "../connect.ts";
import { CommandError } from "../exit.ts";

/** `longrunning access explain FILE NAME`. */
export const accessExplain = defineCommand({
  name: "access explain",
  summary: "Explains whether a file of access rules allows a call: by which grant, or why by none.",
  description: [
    "NAME is the name of an operation, or the parent of a list or start; the default is the root. It need not exist, because the " +
      "command reads only the file. The exit code is 0 for allowed, 7 for refused, and 1 for a file with mistakes.",
  ],
  words: { usage: "FILE [NAME]", min: 1, max: 2 },
  options: {
    as: {
      type: "string",
      default: ANONYMOUS.principal,
      placeholder: "PRINCIPAL",
      pattern: {
        form: /^(?:(?:user|serviceAccount):\S+|anonymous)$/,
        description: "user:…, serviceAccount:… or anonymous",
      },
      help: "The caller, such as user:ada@example.com. Default: a caller without credentials.",
    },
    group: {
      type: "list",
      placeholder: "GROUPS",
      pattern: { form: /^group:\S+$/, description: "groups such as group:operators@example.com" },
      help: "Groups in the caller's credentials, separated by commas, in addition to the groups in the file.",
    },
    permission: {
      type: "string",
      default: PERMISSIONS.get,
      placeholder: "PERMISSION",
      help: "The permission that the call needs.",
    },
    method: { type: "string", placeholder: "METHOD", help: "The method of the call." },
    output: OUTPUT_OPTION,
  },
  settings: [],
  examples: [
    "longrunning access explain access.yaml projects/a/operations/x --as user:ada@example.com --permission longrunning.operations.get",
    "longrunning access explain access.yaml projects/a --as user:ada@example.com --permission longrunning.operations.start --method copy",
  ],
  exits: ["succeeded", "failed", "usage", "refused"],
  async run(io, { words, options }) {
    const [file = "", resource = ""] = words;
    const { as: principal, group: groups = [], permission: asked, method } = options;
    const permission = permissionOf(asked);
    checkResource(resource);
    const rules = await readRules(io, file).catch((error: unknown) => {
      if (error instanceof RulesError) throw new CommandError("failed", error.message);
      throw error;
    });
    const caller = { ...ANONYMOUS, principal, groups };
    const call = { caller, permission, resource, ...(method === undefined ? {} : { method }) };
    const { isAllowed, grant, missed } = explain(rules, call, io.clock.now());
    const placed = missed.map(({ grant: { place }, why }) => ({ ...place, why }));
    if (options.output === "json") {
      const shown = {
        allowed: isAllowed,
        ...(grant === undefined ? {} : { grant: grant.place }),
        missed: placed,
      };
      io.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    } else {
      const about = `${principal} ${isAllowed ? "has" : "does not have"} ${permission} on ${resource || "the root"}`;
      const none = placed.length === 0 ? [`  no grant in ${file} is for ${principal}`] : [];
      const by =
        grant === undefined
          ? none
          : [`  ${file}:${grant.place.line}: ${grant.place.path} gives the permission`];
      const not = placed.map(({ line, path, why }) => `  ${file}:${line}: ${path} does not give it: ${why}`);
      io.stdout.write(`${[about, ...by, ...(isAllowed ? [] : not)].join("\n")}\n`);
    }
    return isAllowed ? "succeeded" : "refused";
  },
});

/** @throws {CommandError} for a text that is neither a name nor a parent, which no grant can match */
function checkResource(resource: string): void {
  try {
    if (parseName(resource) === undefined) checkParent(parseCollection(resource));
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    throw new CommandError("usage", error.message, "Give the name of an operation, or a parent.");
  }
}

function permissionOf(asked: string): Permission {
  const known = Object.values(PERMISSIONS);
  const permission = known.find((each) => each === asked);
  if (permission !== undefined) return permission;
  throw new CommandError(
    "usage",
    `--permission: there is no "${asked}"${didYouMean(asked, known)}`,
    `There are ${known.join(", ")}.`,
  );
}
