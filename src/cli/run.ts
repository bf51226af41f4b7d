import { SettingsError } from "../config/parse.ts";
import { StatusError } from "../core/error/error.ts";
import { didYouMean, nearest } from "../core/value/nearest.ts";
import { type Command, loadAll, type NamedCommand } from "./command.ts";
import { CommandError, EXIT, type ExitName } from "./exit.ts";
import { commandHelp, groupHelp, programHelp } from "./help.ts";
import type { Io } from "./io.ts";
import { manyLines, oneLine, styleFor } from "./output/style.ts";
import { version } from "../assembly/version.ts";
import { serverFlag } from "./server-flag.ts";

/**
 * Runs a command line: selects the command, runs it, and converts its result to an exit code. Every
 * error is printed on standard error with the next step.
 *
 * @param words the command line without `node` and the program
 */
export async function run(
  io: Io,
  commands: readonly NamedCommand[],
  words: readonly string[],
): Promise<number> {
  try {
    return EXIT[await dispatch(io, commands, words)];
  } catch (error) {
    const name = find(commands, words)?.name ?? words[0];
    return EXIT[await tell(io, error, { name, server: serverIn(words) })];
  }
}

async function dispatch(
  io: Io,
  commands: readonly NamedCommand[],
  words: readonly string[],
): Promise<ExitName> {
  const [name = "--help", ...rest] = words;
  if (name === "--version" || name === "-v" || name === "version") {
    io.stdout.write(`${version()}\n`);
    return "succeeded";
  }
  if (["--help", "-h", "help"].includes(name)) {
    io.stdout.write(await helpAbout(commands, rest.filter(isNoFlag)));
    return "succeeded";
  }
  if (asksForHelp(rest)) {
    io.stdout.write(await helpAbout(commands, words.slice(0, isNoFlag(rest[0] ?? "-") ? 2 : 1)));
    return "succeeded";
  }
  const command = await find(commands, words)?.load();
  if (command === undefined || isMisspelt(commands, command, words)) throw unknown(commands, words);
  return await command.run(io, words.slice(command.name.split(" ").length));
}

/**
 * The page about a command or a group of commands, or the page of the program for no words.
 *
 * @throws {CommandError} if there is no such command
 */
async function helpAbout(commands: readonly NamedCommand[], words: readonly string[]): Promise<string> {
  const [name] = words;
  if (name === undefined) return programHelp(await loadAll(commands));
  const command = await find(commands, words)?.load();
  if (command !== undefined) return commandHelp(command);
  const group = groupOf(commands, name);
  if (group.length > 0) return groupHelp(name, await loadAll(group));
  throw unknown(commands, words);
}

/** The error for words that begin with no command. */
function unknown(commands: readonly NamedCommand[], words: readonly string[]): CommandError {
  const [name = "", second = ""] = words;
  if (!isNoFlag(name)) {
    const next = "Flags stand behind a command: longrunning COMMAND [FLAGS]";
    return new CommandError(
      "usage",
      `${name}: there is no such flag${didYouMean(name, ["--help", "--version"])}`,
      next,
    );
  }
  const group = groupOf(commands, name);
  if (group.length === 0) {
    const known = commands.map((each) => each.name);
    const shown = name === "" ? '""' : name;
    return new CommandError(
      "usage",
      `${shown}: there is no such command${didYouMean(name, known)}`,
      "See the commands with: longrunning --help",
    );
  }
  const full = `${name} ${second}`;
  const known = group.map((each) => each.name);
  return new CommandError(
    "usage",
    isNoFlag(second) && second !== ""
      ? `${full}: there is no such command${didYouMean(full, known)}`
      : `${name}: expected ${known.join(" or ")}`,
    `See them with: longrunning ${name} --help`,
  );
}

/** The commands of two words that begin with this one. */
function groupOf(commands: readonly NamedCommand[], name: string): readonly NamedCommand[] {
  return commands.filter((each) => each.name.startsWith(`${name} `));
}

/** Whether the command takes no words, and the next word is almost that of a longer command. */
function isMisspelt(commands: readonly NamedCommand[], command: Command, words: readonly string[]): boolean {
  if (command.words.max > 0 || command.name.includes(" ")) return false;
  const longer = groupOf(commands, command.name).map((each) => each.name);
  return nearest(`${command.name} ${words[1] ?? ""}`, longer) !== undefined;
}

function isNoFlag(word: string): boolean {
  return !word.startsWith("-");
}

/** The command at the beginning of the words: its name has one or two words. */
function find(commands: readonly NamedCommand[], words: readonly string[]): NamedCommand | undefined {
  const [one, two] = words;
  const named = (name: string): NamedCommand | undefined => commands.find((each) => each.name === name);
  return named(`${one} ${two}`) ?? named(`${one}`);
}

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  const flags = end === -1 ? words : words.slice(0, end);
  return flags.includes("--help") || flags.includes("-h");
}

/** The flag `--server` of the words, after a space; empty without one. */
function serverIn(words: readonly string[]): string {
  const index = words.findLastIndex((word) => /^--server(?:=|$)/.test(word));
  const [word = "", next = ""] = index === -1 ? [] : words.slice(index);
  const server = word.includes("=") ? word.slice(word.indexOf("=") + 1) : next;
  return server === "" ? "" : serverFlag(oneLine(server));
}

/** Prints the error and the next step, and returns the exit code. */
async function tell(
  io: Io,
  error: unknown,
  { name, server }: { readonly name: string | undefined; readonly server: string },
): Promise<ExitName> {
  const style = styleFor(io, io.stderr);
  const say = (message: string, next: string | undefined): void => {
    for (const line of manyLines(message).split("\n")) io.stderr.write(`${style.red("error")}: ${line}\n`);
    if (next !== undefined) io.stderr.write(`${style.dim(next)}\n`);
  };
  if (error instanceof SettingsError) {
    say(error.message, `See what is possible with: longrunning ${name ?? ""} --help`);
    return "usage";
  }
  if (error instanceof CommandError) {
    say(error.message, error.next);
    return error.exit;
  }
  if (error instanceof StatusError) {
    const { exitOfError, nextAfter } = await import("./outcome.ts");
    const violations = violationsOf(error).filter((violation) => !error.message.includes(violation));
    say([`${error.code}: ${error.message}`, ...violations].join("\n"), nextAfter(error, server));
    return exitOfError(error);
  }
  say(
    error instanceof Error ? (error.stack ?? error.message) : String(error),
    "This is a bug of longrunning. Please report it with the lines above.",
  );
  return "refused";
}

/** The field violations of a BadRequest, one line each; without those in the message itself. */
function violationsOf(error: StatusError): readonly string[] {
  return error.details
    .filter((detail) => detail["@type"].endsWith("/google.rpc.BadRequest"))
    .flatMap((detail) =>
      Array.isArray(detail["fieldViolations"]) ? (detail["fieldViolations"] as unknown[]) : [],
    )
    .map((violation) => {
      const { field = "", description = "" } = violation as {
        readonly field?: string;
        readonly description?: string;
      };
      return field === "" || description === error.message ? description : `${field}: ${description}`;
    });
}
