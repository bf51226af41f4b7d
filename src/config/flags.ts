import { didYouMean } from "../core/value/nearest.ts";
import { flagOf, type SettingTable } from "./setting.ts";

/** A parsed command line. Values are still text. */
export interface CommandLine {
  /** By the keys of the table; `true` for a boolean flag without a value. */
  readonly flags: Readonly<Record<string, string | boolean>>;
  readonly positionals: readonly string[];
  /** A sentence for each violation. */
  readonly violations: readonly string[];
}

/**
 * Parses a command line: `--flag value`, `--flag=value`, `--boolean`, `--no-boolean`, and `--`
 * before words that look like flags. A single `-` is a word. The last value of a repeated flag
 * counts.
 */
export function parseFlags(words: readonly string[], table: SettingTable): CommandLine {
  const keys = new Map(Object.keys(table).map((key) => [flagOf(key), key]));
  const flags: Record<string, string | boolean> = {};
  const positionals: string[] = [];
  const violations: string[] = [];
  const takeFlag = (word: string, next: string | undefined): number => {
    const equals = word.indexOf("=");
    const flag = equals === -1 ? word : word.slice(0, equals);
    const negated = keys.get(flag.replace(/^--no-/, "--"));
    const key =
      keys.get(flag) ?? (negated !== undefined && table[negated]?.type === "boolean" ? negated : undefined);
    if (key === undefined) {
      const meant = valueNamed(flag, table) ?? didYouMean(flag, keys.keys());
      violations.push(`${flag}: there is no such flag${meant}`);
      return equals === -1 && next !== undefined && !next.startsWith("-") ? 2 : 1;
    }
    const isBoolean = table[key]?.type === "boolean";
    if (equals !== -1) flags[key] = word.slice(equals + 1);
    else if (isBoolean) flags[key] = keys.has(flag);
    else if (next === undefined || next.startsWith("--"))
      violations.push(`${flag}: expected a value behind it`);
    else flags[key] = next;
    return isBoolean || equals !== -1 || flags[key] !== next ? 1 : 2;
  };
  for (let index = 0; index < words.length; ) {
    const word = words[index] ?? "";
    if (word === "--") {
      positionals.push(...words.slice(index + 1));
      break;
    }
    if (word.startsWith("-") && word !== "-") index += takeFlag(word, words[index + 1]);
    else {
      positionals.push(word);
      index++;
    }
  }
  return { flags, positionals, violations };
}

/** The hint for a flag that has the name of a value: `--json` is `--output json`. */
function valueNamed(flag: string, table: SettingTable): string | undefined {
  const rows = Object.entries(table);
  const found = rows.find(([, row]) => row.type === "enum" && row.values.includes(flag.slice(2)));
  return found === undefined ? undefined : ` (did you mean "${flagOf(found[0])} ${flag.slice(2)}"?)`;
}
