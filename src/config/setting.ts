import { shownOption } from "../core/value/options.ts";
import { parseDurationMs } from "../core/value/duration.ts";
import { withoutPassword } from "../core/value/secret.ts";

/** The common fields of all settings. */
interface SettingBase {
  /** One sentence for `--help` and the documents. */
  readonly help: string;
  /** The unit of the value, if the type does not contain it. */
  readonly unit?: string;
  /** Never shown in full: passwords inside addresses are masked, other values hidden. */
  readonly secret?: boolean;
  /** The name of the value in `--help`. @default the type in capitals */
  readonly placeholder?: string;
  /** Its option of `openOperations` or `serve`, such as `postgres.listen`. @default the key */
  readonly option?: string;
  /** The reason that it is not an option. */
  readonly noOption?: string;
  /** Whether programs must set it, because only the command line has a default. @default false */
  readonly isRequired?: boolean;
}

/** The form of a text, with its name in messages. */
interface Pattern {
  readonly form: { test(text: string): boolean };
  readonly description: string;
}

/** Any text, or text that matches `pattern`. */
export interface StringSetting extends SettingBase {
  readonly type: "string";
  readonly default?: string;
  readonly pattern?: Pattern;
}

/**
 * Texts that match `pattern`: a list in code and in files, separated by commas in flags and
 * variables.
 */
export interface ListSetting extends SettingBase {
  readonly type: "list";
  readonly default?: undefined;
  readonly pattern: Pattern;
}

/** A whole number from `min` to `max`. */
export interface IntegerSetting extends SettingBase {
  readonly type: "integer";
  readonly default?: number;
  readonly min: number;
  readonly max: number;
}

/**
 * A duration such as `"30s"`, from `min` to `max`. Read as milliseconds, under the key followed by
 * `Ms`.
 */
export interface DurationSetting extends SettingBase {
  readonly type: "duration";
  readonly default?: string;
  readonly min: string;
  readonly max: string;
}

/** On or off. A flag needs no value: `--flag` is on, `--no-flag` is off. */
export interface BooleanSetting extends SettingBase {
  readonly type: "boolean";
  readonly default?: boolean;
}

/** One of a few words. */
export interface EnumSetting extends SettingBase {
  readonly type: "enum";
  readonly default?: string;
  readonly values: readonly string[];
}

/** An address with one of several schemes. */
export interface AddressSetting extends SettingBase {
  readonly type: "address";
  readonly default?: string;
  readonly schemes: readonly string[];
  /** The example in messages. */
  readonly example: string;
}

/** One row of a table of settings or of a command's flags. */
export type Setting =
  | StringSetting
  | ListSetting
  | IntegerSetting
  | DurationSetting
  | BooleanSetting
  | EnumSetting
  | AddressSetting;

/** Rows by key, lowerCamelCase. The order is that of `--help` and of the documents. */
export type SettingTable = Readonly<Record<string, Setting>>;

type ValueOf<S extends Setting> = S extends EnumSetting
  ? S["values"][number]
  : S extends IntegerSetting | DurationSetting
    ? number
    : S extends BooleanSetting
      ? boolean
      : S extends ListSetting
        ? readonly string[]
        : string;

type Given<S extends Setting> = S extends { readonly default: unknown } ? ValueOf<S> : ValueOf<S> | undefined;

/** The values of a table: one member for each row, durations in milliseconds under `…Ms`. */
export type ValuesOf<T extends SettingTable> = {
  readonly [K in keyof T as T[K] extends DurationSetting ? `${K & string}Ms` : K]: Given<T[K]>;
};

/** A valid value, or its violation: `expected …, got …`. */
export type Reading =
  | { readonly value: string | number | boolean | readonly string[]; readonly violation?: undefined }
  | { readonly violation: string };

/** Reads text from a flag or a variable, or a JSON value from a file. */
export function readSetting(setting: Setting, written: unknown): Reading {
  return checkSetting(setting, typeof written === "string" ? valueIn(setting, written) : written);
}

/** The value of a text; the text itself if it has no other value. */
function valueIn(setting: Setting, text: string): unknown {
  if (setting.type === "integer" && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (setting.type === "boolean" && /^(?:true|false)$/.test(text)) return text === "true";
  return setting.type === "list" ? text.split(",") : text;
}

/** Checks a value from a program. */
export function checkSetting(setting: Setting, value: unknown): Reading {
  const expected = (what: string, got = value): Reading => ({
    violation: `expected ${what}, got ${shown(setting, got)}`,
  });
  switch (setting.type) {
    case "string":
      return checkString(setting, value, expected);
    case "list":
      return checkList(setting, value, expected);
    case "integer":
      return checkInteger(setting, value, expected);
    case "duration":
      return checkDuration(setting, value, expected);
    case "boolean":
      return typeof value === "boolean" ? { value } : expected("true or false");
    case "enum":
      if (typeof value === "string" && setting.values.includes(value)) return { value };
      return expected(oneOf(setting.values));
    case "address":
      return checkAddress(setting, value, expected);
  }
}

/** A value for a message. */
function shown(setting: Setting, value: unknown): string {
  if (setting.secret !== true) return shownOption(value);
  if (setting.type !== "address") return "something else";
  // Masked before it is shortened, because half a password must not look harmless.
  return shownOption(typeof value === "string" ? withoutPassword(value) : value);
}

type Expected = (what: string, got?: unknown) => Reading;

function checkString({ pattern }: StringSetting, value: unknown, expected: Expected): Reading {
  if (typeof value !== "string") return expected(pattern?.description ?? "a text");
  return pattern?.form.test(value) === false ? expected(pattern.description) : { value };
}

function checkList({ pattern }: ListSetting, value: unknown, expected: Expected): Reading {
  if (!Array.isArray(value)) return expected(`a list of ${pattern.description}`);
  const items: readonly unknown[] = value;
  const wrong = items.findIndex((item) => typeof item !== "string" || !pattern.form.test(item));
  return wrong === -1 ? { value: items as readonly string[] } : expected(pattern.description, items[wrong]);
}

function checkInteger({ min, max }: IntegerSetting, value: unknown, expected: Expected): Reading {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return { value };
  return expected(`a whole number from ${min} to ${max}`);
}

function checkDuration(setting: DurationSetting, value: unknown, expected: Expected): Reading {
  const ms = typeof value === "string" ? parseDurationMs(value) : undefined;
  if (ms === undefined) return expected(`a duration such as ${durationExample(setting)}`);
  const [minMs, maxMs] = [parseDurationMs(setting.min) ?? 0, parseDurationMs(setting.max) ?? 0];
  if (ms < minMs || ms > maxMs) return expected(`a duration from "${setting.min}" to "${setting.max}"`);
  return { value: ms };
}

/** The default, or durations that show the units. */
function durationExample({ default: standard }: DurationSetting): string {
  return standard === undefined || parseDurationMs(standard) === 0
    ? '"30s", "15m" or "30d"'
    : `"${standard}"`;
}

function checkAddress(setting: AddressSetting, value: unknown, expected: Expected): Reading {
  const { schemes, example } = setting;
  const scheme = typeof value === "string" ? /^([a-z][a-z0-9+.-]*):./.exec(value)?.[1] : undefined;
  if (typeof value !== "string" || scheme === undefined || !schemes.includes(scheme)) {
    const refused = expected(`an address such as "${example}"`);
    const meant = typeof value === "string" ? withScheme(setting, value) : undefined;
    return meant === undefined || refused.violation === undefined
      ? refused
      : { violation: `${refused.violation} (did you mean "${meant}"?)` };
  }
  if (!/^(?:http|grpc)s?$/.test(scheme)) return { value };
  if (!URL.canParse(value)) return expected(`an address such as "${example}"`);
  return /[?#]/.test(value)
    ? expected(`an address without query and fragment, such as "${example}"`)
    : { value };
}

/** The address that a file or a host was probably meant as; undefined if it looks like neither. */
function withScheme(setting: AddressSetting, value: string): string | undefined {
  const looksMeant = value.length <= MEANT_LENGTH_MAX && /^[^@]*[./\\:][^@]+$/.test(value);
  // Another scheme, which a port behind a host is not, nor the letter of a drive.
  if (!looksMeant || /^[a-z][a-z0-9+.-]+:(?!\d)/i.test(value)) return undefined;
  const meant = `${/^[a-z]+:(?:\/\/)?/.exec(setting.example)?.[0] ?? ""}${value}`;
  return readSetting(setting, meant).violation === undefined ? meant : undefined;
}

/** A longer text is not shown whole either. */
const MEANT_LENGTH_MAX = 100;

/** `"a", "b" or "c"`. */
export function oneOf(words: readonly string[]): string {
  const quoted = words.map((word) => `"${word}"`);
  return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
}

/** The option of a key, such as `lease` or `postgres.listen`; undefined if it is not an option. */
export function optionOf(key: string, { option = key, noOption }: Setting): string | undefined {
  return noOption === undefined ? option : undefined;
}

/** The flag of a key: `publicUrl` is `--public-url`. */
export function flagOf(key: string): string {
  return `--${kebab(key)}`;
}

/** The environment variable of a key: `publicUrl` is `LONGRUNNING_PUBLIC_URL`. */
export function environmentNameOf(key: string): string {
  return `${ENVIRONMENT_PREFIX}${kebab(key).replaceAll("-", "_").toUpperCase()}`;
}

/** The prefix of our environment variables. */
export const ENVIRONMENT_PREFIX = "LONGRUNNING_";

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
