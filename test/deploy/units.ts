import { textOf } from "./files.ts";

/** A systemd unit: every value by section and key, in order. */
export type Unit = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/**
 * Reads a unit below `deploy/systemd`. @throws {Error} if a line is neither a section nor a setting
 */
export function unitOf(name: string): Unit {
  return parseUnit(textOf(`systemd/${name}`));
}

/** Reads the text of a unit. */
export function parseUnit(text: string): Unit {
  const unit: Record<string, Record<string, string[]>> = {};
  let section: Record<string, string[]> | undefined;
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const title = /^\[(\w+)\]$/.exec(line)?.[1];
    const [, key, value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (title !== undefined) section = unit[title] ??= {};
    else if (key === undefined || section === undefined) throw new Error(`No line of a unit: ${line}`);
    else (section[key] ??= []).push(value);
  }
  return unit;
}

/** The last value of a setting, which is the effective one for settings that are not lists. */
export function settingOf(unit: Unit, section: string, key: string): string {
  return unit[section]?.[key]?.at(-1) ?? "";
}

/** The variables of `Environment=`, for an instance of a template. */
export function unitEnvironment(unit: Unit, instance: string): Readonly<Record<string, string>> {
  const words = (unit["Service"]?.["Environment"] ?? []).flatMap((value) => value.split(" "));
  return assignments(words.map((word) => word.replaceAll("%i", instance)));
}

/** Lines `KEY=value`, as in a file for `EnvironmentFile=`. */
export function assignments(lines: readonly string[]): Readonly<Record<string, string>> {
  const pairs = lines.filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(pairs.map((line) => line.split(/=(.*)/s).slice(0, 2))) as Record<string, string>;
}
