import { formatDuration } from "../core/value/duration.ts";
import { withoutPassword } from "../core/value/secret.ts";
import { environmentNameOf, flagOf, optionOf, type Setting, type SettingTable } from "./setting.ts";
import { SETTINGS } from "./settings.ts";

/** A value for people: passwords in addresses are masked, other secrets hidden. */
export function displayValue(setting: Setting, value: unknown): string {
  if (value === undefined) return "(not set)";
  if (setting.type === "duration" && typeof value === "number") return formatDuration(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (setting.secret !== true) return text;
  return setting.type === "address" ? withoutPassword(text) : "(hidden)";
}

/** The key and effective value of each setting, in the order of the table, with secrets masked. */
export function displaySettings(
  values: Readonly<Record<string, unknown>>,
): readonly (readonly [string, string])[] {
  const table: SettingTable = SETTINGS;
  return Object.entries(table).flatMap(([key, setting]) => {
    const member = setting.type === "duration" ? `${key}Ms` : key;
    return member in values ? [[key, displayValue(setting, values[member])] as const] : [];
  });
}

/**
 * The placeholder of a value in `--help`: its own word, the choices, or the type. Empty for a
 * boolean.
 */
export function placeholderOf(setting: Setting): string {
  if (setting.type === "boolean") return "";
  if (setting.type === "enum") return setting.values.join("|");
  return (
    setting.placeholder ??
    { string: "TEXT", integer: "NUMBER", duration: "DURATION", address: "ADDRESS", list: "NAMES" }[
      setting.type
    ]
  );
}

/** The table of `docs/configuration.md`. A test compares the page with it. */
export function settingsMarkdown(): string {
  const table: SettingTable = SETTINGS;
  const rows = Object.entries(table).map(([key, setting]) => {
    const standard = setting.default === undefined ? "" : `\`${String(setting.default)}\``;
    const cells = [
      `\`${key}\``,
      optionCell(key, setting),
      `\`${flagOf(key)}\``,
      `\`${environmentNameOf(key)}\``,
      rangeOf(setting),
      standard,
    ];
    return `| ${[...cells, setting.help].map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return [
    "| key | option | flag | variable | value | default | meaning |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
  ]
    .join("\n")
    .concat("\n");
}

function optionCell(key: string, setting: Setting): string {
  const option = optionOf(key, setting);
  if (option === undefined) return `none: ${setting.noOption}`;
  return `\`${option}\`${setting.isRequired === true ? ", required" : ""}`;
}

/** The allowed values of a setting, for the documents. */
function rangeOf(setting: Setting): string {
  const unit = setting.unit === undefined ? "" : ` (${setting.unit})`;
  switch (setting.type) {
    case "string":
      return setting.pattern?.description ?? "text";
    case "list":
      return setting.pattern.description;
    case "integer":
      return `whole number, ${setting.min} to ${setting.max}${unit}`;
    case "duration":
      return `duration, \`${setting.min}\` to \`${setting.max}\``;
    case "boolean":
      return "`true` or `false`";
    case "enum":
      return setting.values.map((value) => `\`${value}\``).join(", ");
    case "address":
      return `address, ${setting.schemes.map((scheme) => `\`${scheme}:\``).join(" or ")}`;
  }
}
