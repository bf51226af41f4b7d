import { parseDurationMs } from "../core/value/duration.ts";
import { withoutPassword } from "../core/value/secret.ts";

/** What every setting has, whatever its type. */
interface SettingBase {
  /** One sentence for `--help` and the documents. */
  readonly help: string;
  /** What is counted, where the type does not say. */
  readonly unit?: string;
  /** Never shown whole: passwords inside addresses are masked, other values hidden. */
  readonly secret?: boolean;
  /** How `--help` calls the value. @default the type in capitals */
  readonly placeholder?: string;
}

/** Any text, or text that fits `pattern`. */
export interface StringSetting extends SettingBase {
  readonly type: "string";
  readonly default?: string;
  /** What the value must match, and how a message calls that. */
  readonly pattern?: { readonly form: RegExp; readonly description: string };
}

/** A whole number from `min` to `max`. */
export interface IntegerSetting extends SettingBase {
  readonly type: "integer";
  readonly default?: number;
  readonly min: number;
  readonly max: number;
}

/** A span of time such as `"30s"` from `min` to `max`. Read as milliseconds under the key with `Ms` behind it. */
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

/** A place, with the schemes that can lead to it. */
export interface AddressSetting extends SettingBase {
  readonly type: "address";
  readonly default?: string;
  readonly schemes: readonly string[];
  /** What a message shows as an example. */
  readonly example: string;
}

/** One row of a table of settings or of a command's flags. */
export type Setting =
  | StringSetting
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
      : string;

type Given<S extends Setting> = S extends { readonly default: unknown } ? ValueOf<S> : ValueOf<S> | undefined;

/** What reading a table gives: one member a row, durations in milliseconds under `…Ms`. */
export type ValuesOf<T extends SettingTable> = {
  readonly [K in keyof T as T[K] extends DurationSetting ? `${K & string}Ms` : K]: Given<T[K]>;
};

/** A value that was read, or what is wrong with it: `expected …, got …`. */
export type Reading =
  | { readonly value: string | number | boolean; readonly problem?: undefined }
  | { readonly problem: string };

/** Reads one value as a setting's type asks. `written` is text from a flag or variable, or any JSON value from a file. */
export function readSetting(setting: Setting, written: unknown): Reading {
  const expected = (what: string): Reading => ({
    problem: `expected ${what}, got ${gotten(setting, written)}`,
  });
  switch (setting.type) {
    case "string":
      return readString(setting, written, expected);
    case "integer":
      return readInteger(setting, written, expected);
    case "duration":
      return readDuration(setting, written, expected);
    case "boolean":
      if (typeof written === "boolean") return { value: written };
      if (written === "true" || written === "false") return { value: written === "true" };
      return expected('"true" or "false"');
    case "enum":
      if (typeof written === "string" && setting.values.includes(written)) return { value: written };
      return expected(oneOf(setting.values));
    case "address":
      return readAddress(setting, written, expected);
  }
}

/** What was written, as a message may show it. */
function gotten(setting: Setting, written: unknown): string {
  const text = JSON.stringify(written) ?? "nothing";
  if (setting.secret !== true) return text;
  return setting.type === "address" ? withoutPassword(text) : "something else";
}

type Expected = (what: string) => Reading;

function readString(setting: StringSetting, written: unknown, expected: Expected): Reading {
  if (typeof written !== "string") return expected("a text");
  if (setting.pattern !== undefined && !setting.pattern.form.test(written)) {
    return expected(setting.pattern.description);
  }
  return { value: written };
}

function readInteger(setting: IntegerSetting, written: unknown, expected: Expected): Reading {
  const number = typeof written === "string" && /^-?\d{1,15}$/.test(written) ? Number(written) : written;
  if (
    typeof number === "number" &&
    Number.isInteger(number) &&
    number >= setting.min &&
    number <= setting.max
  ) {
    return { value: number };
  }
  return expected(`a whole number from ${setting.min} to ${setting.max}`);
}

function readDuration(setting: DurationSetting, written: unknown, expected: Expected): Reading {
  const ms = typeof written === "string" ? parseDurationMs(written) : undefined;
  if (ms === undefined) return expected(`a duration such as "${setting.default ?? setting.max}"`);
  const [minMs, maxMs] = [parseDurationMs(setting.min) ?? 0, parseDurationMs(setting.max) ?? 0];
  if (ms < minMs || ms > maxMs) return expected(`a duration from "${setting.min}" to "${setting.max}"`);
  return { value: ms };
}

function readAddress(setting: AddressSetting, written: unknown, expected: Expected): Reading {
  const scheme = typeof written === "string" ? /^([a-z][a-z0-9+.-]*):./.exec(written)?.[1] : undefined;
  if (typeof written !== "string" || scheme === undefined || !setting.schemes.includes(scheme)) {
    return expected(`an address such as "${setting.example}"`);
  }
  if (/^(?:http|grpc)s?$/.test(scheme) && !URL.canParse(written))
    return expected(`an address such as "${setting.example}"`);
  return { value: written };
}

/** `"a", "b" or "c"`. */
export function oneOf(words: readonly string[]): string {
  const quoted = words.map((word) => `"${word}"`);
  return quoted.length < 2 ? quoted.join("") : `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
}

/** The flag of a key: `publicUrl` is `--public-url`. */
export function flagOf(key: string): string {
  return `--${kebab(key)}`;
}

/** The environment variable of a key: `publicUrl` is `LONGRUNNING_PUBLIC_URL`. */
export function environmentNameOf(key: string): string {
  return `${ENVIRONMENT_PREFIX}${kebab(key).replaceAll("-", "_").toUpperCase()}`;
}

/** What our environment variables begin with. */
export const ENVIRONMENT_PREFIX = "LONGRUNNING_";

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
