import { type Found, readTable, type SettingsFor } from "./parse.ts";
import { checkSetting, optionOf, type Setting, type SettingTable } from "./setting.ts";
import { type SettingKey, SETTINGS } from "./settings.ts";

/**
 * Reads settings from the options of a program.
 *
 * @param violations is added to
 * @returns the values, and the defaults of those that are not given
 */
export function readOptions<K extends SettingKey>(
  keys: readonly K[],
  options: Readonly<Record<string, unknown>>,
  violations: string[],
): SettingsFor<K> {
  const table: SettingTable = SETTINGS;
  const find = (key: string, setting: Setting): Found => {
    const name = optionOf(key, setting) ?? key;
    const value = name.split(".").reduce(memberOf, options as unknown);
    if (value === undefined && setting.isRequired !== true) return undefined;
    return { reading: checkSetting(setting, value), name, where: "" };
  };
  const rows = keys.map((key) => [key, table[key]] as const);
  return Object.freeze(readTable(rows, find, violations)) as SettingsFor<K>;
}

/** Reads one option. @throws {TypeError} naming it, what it may be and what it was */
export function readOption<K extends SettingKey>(key: K, value: unknown): SettingsFor<K> {
  const violations: string[] = [];
  const read = readOptions([key], { [key]: value }, violations);
  if (violations.length > 0) throw new TypeError(violations.join("\n"));
  return read;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
