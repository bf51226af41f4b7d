import { type Found, readTable, type SettingsFor } from "./parse.ts";
import { checkSetting, optionOf, type Setting, type SettingTable } from "./setting.ts";
import { type SettingKey, SETTINGS } from "./settings.ts";

/**
 * Reads settings from the options of a program.
 *
 * @param violations receives the violations
 * @returns the values, with defaults for missing ones
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

/** Reads one option. @throws {TypeError} with the option, its allowed values and its value */
export function readOption<K extends SettingKey>(key: K, value: unknown): SettingsFor<K> {
  const violations: string[] = [];
  const read = readOptions([key], { [key]: value }, violations);
  if (violations.length > 0) throw new TypeError(violations.join("\n"));
  return read;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
