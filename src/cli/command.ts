import { resolve } from "node:path";
import { parseFlags } from "../config/flags.ts";
import { parseOptions, parseSettings, SettingsError, type SettingsFor } from "../config/parse.ts";
import { environmentNameOf, type SettingTable, type ValuesOf } from "../config/setting.ts";
import { type SettingKey, SETTINGS } from "../config/settings.ts";
import { LIMITS } from "../core/limits.ts";
import { withoutPassword } from "../core/value/secret.ts";
import { readWhole } from "../files/file.ts";
import { trustFile } from "./authorities.ts";
import type { ExitName } from "./exit.ts";
import type { Io } from "./io.ts";

/** The input of a command: its words, its own flags, and the settings that it named. */
export interface Input<O extends SettingTable, K extends SettingKey> {
  readonly words: readonly string[];
  readonly options: ValuesOf<O>;
  readonly settings: SettingsFor<K>;
}

/** The definition of a command. */
export interface CommandOptions<O extends SettingTable, K extends SettingKey> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The paragraphs for its own `--help`. */
  readonly description: readonly string[];
  /** The words after the name, such as `NAME` or `FILE…`, and their number. */
  readonly words: { readonly usage: string; readonly min: number; readonly max: number };
  /** The flags of this command only. */
  readonly options: O;
  /** The settings it reads, from flags, environment and file. */
  readonly settings: readonly K[];
  readonly examples: readonly string[];
  readonly exits: readonly ExitName[];
  run(io: Io, input: Input<O, K>): Promise<ExitName>;
}

/** A command, ready to run with the words of a command line. */
export interface Command
  extends Pick<
    CommandOptions<SettingTable, SettingKey>,
    "name" | "summary" | "description" | "words" | "options" | "settings" | "examples" | "exits"
  > {
  /** @throws {SettingsError} with all mistakes in the command line and the settings */
  run(io: Io, words: readonly string[]): Promise<ExitName>;
}

/**
 * A command that is loaded when it is needed. All commands together have twice as many modules as
 * most of them alone.
 */
export interface NamedCommand {
  readonly name: string;
  readonly load: () => Promise<Command>;
}

/** Loads commands, for a page about all of them. */
export function loadAll(commands: readonly NamedCommand[]): Promise<readonly Command[]> {
  return Promise.all(commands.map((command) => command.load()));
}

/**
 * Defines a command: options are parsed first, all mistakes are reported together, and only then
 * the command runs.
 */
export function defineCommand<const O extends SettingTable, const K extends SettingKey = never>(
  command: CommandOptions<O, K>,
): Command {
  return {
    ...command,
    run: async (io, words) => {
      const input = await parseInput(command, io, words);
      const { ca } = input.settings as { readonly ca?: string };
      if (ca !== undefined) await trustFile(io, ca);
      return await command.run(io, input);
    },
  };
}

async function parseInput<O extends SettingTable, K extends SettingKey>(
  command: CommandOptions<O, K>,
  io: Io,
  words: readonly string[],
): Promise<Input<O, K>> {
  const line = parseFlags(words, flagTable(command));
  const violations = [...line.violations];
  const { min, max, usage } = command.words;
  if (line.positionals.length < min) violations.push(`expected ${usage} behind "${command.name}"`);
  if (line.positionals.length > max) {
    violations.push(
      `${withoutPassword(line.positionals.slice(max).join(" "))}: expected ${usage === "" ? "no word" : `only ${usage}`} behind "${command.name}"; quote values that have spaces`,
    );
  }
  const options = parseOptions(command.options, line.flags, violations);
  try {
    const settings = parseSettings(command.settings, {
      flags: line.flags,
      environment: io.environment,
      ...(await configurationFile(io, line.flags["config"])),
    });
    if (violations.length === 0) return { words: line.positionals, options, settings };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    violations.push(...error.violations);
  }
  throw new SettingsError(violations);
}

/** All flags of a command: its own, and those of the settings that it reads. */
export function flagTable(command: {
  readonly options: SettingTable;
  readonly settings: readonly SettingKey[];
}): SettingTable {
  const rows = Object.entries<SettingTable[string]>(SETTINGS);
  const keys: readonly string[] = command.settings;
  return { ...command.options, ...Object.fromEntries(rows.filter(([key]) => keys.includes(key))) };
}

async function configurationFile(io: Io, flag: string | boolean | undefined) {
  const path = typeof flag === "string" ? flag : io.environment[environmentNameOf("config")];
  if (path === undefined || path === "") return {};
  try {
    const bytes = await readWhole(resolve(io.directory, path), LIMITS.settingsFileBytesMax);
    return { file: { path, text: new TextDecoder().decode(bytes) } };
  } catch (error) {
    throw new SettingsError([
      `config: cannot read "${path}": ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
}
