import { placeholderOf } from "../config/display.ts";
import { environmentNameOf, flagOf, type Setting } from "../config/setting.ts";
import { SETTINGS } from "../config/settings.ts";
import { type Command, flagTable } from "./command.ts";
import { EXIT, EXIT_MEANINGS } from "./exit.ts";
import { tableLines } from "./output/table.ts";

/** A description of the program in one sentence. */
const TAGLINE = "Serves and calls google.longrunning operations.";

/** The page of `longrunning --help`. */
export function programHelp(commands: readonly Command[]): string {
  const rows = commands.map((command) => [`  ${command.name}`, command.summary]);
  return lines([
    TAGLINE,
    "",
    "Usage: longrunning COMMAND [FLAGS]",
    "",
    "Commands:",
    ...tableLines(rows),
    "",
    "Flags:",
    ...tableLines([
      ["  --help", "Shows this page, or the page of a command."],
      ["  --version", "Shows the version."],
    ]),
    "",
    "Begin with:",
    "  longrunning init archive",
    "",
    'Run "longrunning COMMAND --help" for the flags, examples and exit codes of a command.',
  ]);
}

/** The page of `longrunning GROUP --help`, for commands of two words that begin with the same. */
export function groupHelp(name: string, group: readonly Command[]): string {
  return lines([
    `Usage: longrunning ${name} COMMAND [FLAGS]`,
    "",
    "Commands:",
    ...tableLines(group.map((command) => [`  ${command.name}`, command.summary])),
    "",
    `Run "longrunning ${name} COMMAND --help" for the flags, examples and exit codes of a command.`,
  ]);
}

/** The page of `longrunning COMMAND --help`. */
export function commandHelp(command: Command): string {
  const { usage } = command.words;
  return lines([
    command.summary,
    "",
    `Usage: longrunning ${command.name}${usage === "" ? "" : ` ${usage}`} [FLAGS]`,
    ...command.description.flatMap((paragraph) => ["", ...wrap(paragraph)]),
    "",
    "Flags:",
    ...tableLines([...Object.entries(flagTable(command)).map(flagRow), ["  --help", "Shows this page."]]),
    "",
    "Examples:",
    ...command.examples.map((example) => `  ${example}`),
    "",
    "Exit codes:",
    ...tableLines(command.exits.map((exit) => [`  ${EXIT[exit]}`, EXIT_MEANINGS[exit]])),
  ]);
}

/** The complete help, as the page `docs/cli.md`. A test compares the page with it. */
export function allHelpMarkdown(commands: readonly Command[]): string {
  return [
    "# The command line\n",
    "This page contains the output of `--help`; a test compares the two.\n",
    section("longrunning", programHelp(commands)),
    ...commands.map((command) => section(`longrunning ${command.name}`, commandHelp(command))),
  ].join("\n");
}

function section(title: string, text: string): string {
  return `## ${title}\n\n\`\`\`text\n${text}\`\`\`\n`;
}

function flagRow([key, setting]: readonly [string, Setting]): readonly string[] {
  const placeholder = placeholderOf(setting);
  const notes = [];
  if (setting.default !== undefined && setting.default !== false && setting.default !== "")
    notes.push(`default ${setting.default}`);
  if (Object.values<Setting>(SETTINGS).includes(setting)) notes.push(environmentNameOf(key));
  const flag = `  ${flagOf(key)}${placeholder === "" ? "" : ` ${placeholder}`}`;
  return [flag, notes.length === 0 ? setting.help : `${setting.help} [${notes.join("; ")}]`];
}

const WIDTH = 100;

function wrap(paragraph: string): readonly string[] {
  const wrapped = [""];
  for (const word of paragraph.split(" ")) {
    const last = wrapped.at(-1) ?? "";
    if (last !== "" && last.length + 1 + word.length > WIDTH) wrapped.push(word);
    else wrapped[wrapped.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return wrapped;
}

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
