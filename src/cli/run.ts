import { StatusError } from "../client/index.ts";
import { SettingsError } from "../config/parse.ts";
import { didYouMean } from "../core/value/nearest.ts";
import type { Command } from "./command.ts";
import { CommandError, EXIT, type ExitName } from "./exit.ts";
import { commandHelp, programHelp } from "./help.ts";
import type { Io } from "./io.ts";
import { exitOfError, nextAfter } from "./outcome.ts";
import { manyLines, styleFor } from "./output/style.ts";
import { version } from "../assembly/version.ts";

/**
 * Runs a command line: selects the command, runs it, and converts its result to an exit code. Every
 * error is printed on standard error with the next step.
 *
 * @param words the command line without `node` and the program
 */
export async function run(io: Io, commands: readonly Command[], words: readonly string[]): Promise<number> {
  try {
    return EXIT[await dispatch(io, commands, words)];
  } catch (error) {
    return EXIT[tell(io, error, find(commands, words)?.name ?? words[0])];
  }
}

async function dispatch(io: Io, commands: readonly Command[], words: readonly string[]): Promise<ExitName> {
  const [name = "--help", ...rest] = words;
  if (name === "--version" || name === "-v" || name === "version") {
    io.stdout.write(`${version()}\n`);
    return "succeeded";
  }
  if (["--help", "-h", "help"].includes(name)) {
    const about = find(commands, rest);
    io.stdout.write(about === undefined ? programHelp(commands) : commandHelp(about));
    return "succeeded";
  }
  const command = find(commands, words);
  if (command === undefined) {
    const known = commands.map((each) => each.name);
    const more = known.filter((each) => each.startsWith(`${name} `));
    if (more.length > 0)
      throw new CommandError(
        "usage",
        `${name}: expected ${more.join(" or ")}`,
        "See them with: longrunning --help",
      );
    throw new CommandError(
      "usage",
      `${name}: there is no such command${didYouMean(name, known)}`,
      "See the commands with: longrunning --help",
    );
  }
  const own = words.slice(command.name.split(" ").length);
  if (asksForHelp(own)) {
    io.stdout.write(commandHelp(command));
    return "succeeded";
  }
  return await command.run(io, own);
}

/** The command at the beginning of the words: its name has one or two words. */
function find(commands: readonly Command[], words: readonly string[]): Command | undefined {
  const [one, two] = words;
  const named = (name: string): Command | undefined => commands.find((each) => each.name === name);
  return named(`${one} ${two}`) ?? named(`${one}`);
}

function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  const flags = end === -1 ? words : words.slice(0, end);
  return flags.includes("--help") || flags.includes("-h");
}

/** Prints the error and the next step, and returns the exit code. */
function tell(io: Io, error: unknown, name: string | undefined): ExitName {
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
    const violations = violationsOf(error).filter((violation) => !error.message.includes(violation));
    say([`${error.code}: ${error.message}`, ...violations].join("\n"), nextAfter(error));
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
