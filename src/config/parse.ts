import { parseDurationMs } from "../core/value/duration.ts";
import { didYouMean } from "../core/value/nearest.ts";
import {
  ENVIRONMENT_PREFIX,
  environmentNameOf,
  flagOf,
  type Reading,
  readSetting,
  type Setting,
  type SettingTable,
  type ValuesOf,
} from "./setting.ts";
import { type SettingKey, SETTINGS } from "./settings.ts";

/** The error for invalid settings or an invalid command line. It contains all violations. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly violations: readonly string[];

  constructor(violations: readonly string[]) {
    super(violations.join("\n"));
    this.violations = violations;
  }
}

/** The sources of values, strongest first. */
export interface SettingSources {
  /** By key, as text. */
  readonly flags: Readonly<Record<string, string | boolean>>;
  /** The whole environment; only `LONGRUNNING_…` is read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The text of the configuration file, and its name in messages. */
  readonly file?: { readonly path: string; readonly text: string };
}

/** Some rows of {@link SETTINGS}. */
export type SettingsFor<K extends SettingKey> = ValuesOf<Pick<typeof SETTINGS, K>>;

/**
 * Reads settings: flags before environment before file before default.
 *
 * Variables and file keys of settings outside `keys` are known but not read, so that one
 * environment and one file serve every command.
 *
 * @returns the values, frozen
 * @throws {SettingsError} with all violations: unknown variables and keys, and invalid values
 */
export function parseSettings<K extends SettingKey>(
  keys: readonly K[],
  sources: SettingSources,
): SettingsFor<K> {
  const violations = unknownVariables(sources.environment);
  const file = sources.file === undefined ? {} : readFile(sources.file, violations);
  const table: SettingTable = SETTINGS;
  const values = readTable(
    keys.map((key) => [key, table[key]] as const),
    (key, setting) => {
      const found = (written: unknown, where: string, name: string = key): Found => ({
        reading: readSetting(setting, written),
        name,
        where,
      });
      const flag = sources.flags[key];
      if (flag !== undefined) return found(flag, "", flagOf(key));
      const variable = environmentNameOf(key);
      const written = sources.environment[variable];
      // An empty variable counts as unset, because shells and container files unset variables this
      // way.
      if (written !== undefined && written !== "") return found(written, ` (from ${variable})`);
      return Object.hasOwn(file, key) ? found(file[key], ` (from ${sources.file?.path})`) : undefined;
    },
    violations,
  );
  if (violations.length > 0) throw new SettingsError(violations);
  return Object.freeze(values) as SettingsFor<K>;
}

/**
 * Reads the flags of a single command, without environment and file.
 *
 * @param violations receives the violations
 */
export function parseOptions<T extends SettingTable>(
  table: T,
  flags: Readonly<Record<string, string | boolean>>,
  violations: string[],
): ValuesOf<T> {
  const find = (key: string, setting: Setting): Found => {
    const written = flags[key];
    return written === undefined
      ? undefined
      : { reading: readSetting(setting, written), name: flagOf(key), where: "" };
  };
  return Object.freeze(readTable(Object.entries(table), find, violations)) as ValuesOf<T>;
}

/** A given value, with the name and place that the user knows. */
export type Found = { readonly reading: Reading; readonly name: string; readonly where: string } | undefined;

/**
 * The values of a table, with defaults for missing ones.
 *
 * @param violations receives the violations
 */
export function readTable(
  rows: readonly (readonly [string, Setting | undefined])[],
  find: (key: string, setting: Setting) => Found,
  violations: string[],
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, setting] of rows) {
    if (setting === undefined) continue;
    const member = setting.type === "duration" ? `${key}Ms` : key;
    const found = find(key, setting);
    if (found === undefined) {
      const standard = setting.default;
      values[member] =
        setting.type === "duration" && standard !== undefined ? parseDurationMs(`${standard}`) : standard;
      continue;
    }
    const { reading, name, where } = found;
    if (reading.violation === undefined) values[member] = reading.value;
    else violations.push(`${name}: ${reading.violation}${where}`);
  }
  return values;
}

function unknownVariables(environment: SettingSources["environment"]): string[] {
  const known = Object.keys(SETTINGS).map(environmentNameOf);
  return Object.keys(environment)
    .filter((name) => name.startsWith(ENVIRONMENT_PREFIX) && !known.includes(name))
    .map((name) => `${name}: there is no such setting${didYouMean(name, known)}; unset the variable`);
}

function readFile(
  file: { readonly path: string; readonly text: string },
  violations: string[],
): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(file.text);
  } catch (error) {
    violations.push(`${file.path}: expected JSON: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    violations.push(`${file.path}: expected a JSON object of settings by key, such as {"port": 9000}`);
    return {};
  }
  const known = Object.keys(SETTINGS).filter((key) => key !== "config");
  for (const key of Object.keys(content)) {
    if (!known.includes(key))
      violations.push(`${file.path}: ${key}: there is no such setting${didYouMean(key, known)}`);
  }
  return content as Record<string, unknown>;
}
