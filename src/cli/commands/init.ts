import { readdir, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { version } from "../../assembly/version.ts";
import { defineCommand } from "../command.ts";
import { CommandError } from "../exit.ts";
import { projectFiles } from "../init/project.ts";
import { makeFolder } from "../../store/folder.ts";

/** `longrunning init [FOLDER]`. */
export const init = defineCommand({
  name: "init",
  summary: "Creates a small project: a method, its test, and the files that npm needs.",
  description: [
    "FOLDER is created if it does not exist; the default is the current directory. The command refuses a folder that contains " +
      "anything but .git, never overwrites a file, and installs nothing: run npm install in the folder.",
  ],
  words: { usage: "[FOLDER]", min: 0, max: 1 },
  options: {
    javascript: { type: "boolean", default: false, help: "Uses JavaScript instead of TypeScript." },
  },
  settings: [],
  examples: ["longrunning init archive", "npx longrunning init archive --javascript"],
  exits: ["succeeded", "usage", "refused"],
  async run(io, { words, options }) {
    const [given = "."] = words;
    const folder = resolve(io.directory, given);
    const language = options.javascript ? "js" : "ts";
    const files = projectFiles({ name: basename(folder), language, version: version() });
    await requireEmpty(folder, given);
    try {
      makeFolder(folder);
      for (const [name, text] of Object.entries(files))
        await writeFile(join(folder, name), text, { flag: "wx" });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new CommandError("refused", `The project cannot be written: ${why}`, "Give another folder.");
    }
    const change = given === "." ? [] : [`  cd ${quoted(given)}`];
    const next = ["Next:", ...change, "  npm install", "  npm test", "  npm start"];
    io.stdout.write(`Made ${Object.keys(files).join(", ")} in ${folder}\n\n${next.join("\n")}\n`);
    return "succeeded";
  },
});

/** A path for a shell. */
function quoted(path: string): string {
  return /^[\p{L}\p{N}_./@%+,-]+$/u.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** @throws {CommandError} unless the path is free or an empty folder */
async function requireEmpty(folder: string, given: string): Promise<void> {
  let entries: readonly string[];
  try {
    entries = await readdir(folder);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return;
    const what = code === "ENOTDIR" ? "is no folder" : `cannot be read (${String(code)})`;
    throw new CommandError("usage", `"${given}" ${what}.`, "Give a folder that is new or empty.");
  }
  const [found] = entries.filter((entry) => entry !== ".git");
  if (found === undefined) return;
  throw new CommandError(
    "usage",
    `"${given}" is not empty: it has ${found}. Nothing was written.`,
    "Give a folder that is new or empty.",
  );
}
