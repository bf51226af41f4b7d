import { didYouMean } from "./nearest.ts";

/** Names of options in other systems, with their names here. */
export type OtherNames = Readonly<Record<string, string>>;

/**
 * Checks that options are an object with known names only.
 *
 * @param what the prefix of the message, such as `createArchive: retry`
 * @param example a valid object
 * @throws {TypeError} with the unknown option, and the option that was probably meant
 */
export function checkOptionNames(
  what: string,
  options: unknown,
  known: Iterable<string>,
  { example, otherNames = {} }: { readonly example: string; readonly otherNames?: OtherNames },
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new TypeError(`${what}: expected an object such as ${example}, got ${shownOption(options)}`);
  const names = [...known];
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const other = Object.hasOwn(otherNames, name) ? otherNames[name] : undefined;
    const meant = other === undefined ? didYouMean(name, names) : ` (did you mean "${other}"?)`;
    throw new TypeError(`${what}: there is no option "${name}"${meant}; there are ${names.join(", ")}`);
  }
}

/** Checks that an option is a function. @throws {TypeError} with the invalid value */
export function checkFunction(what: string, option: unknown, example: string): void {
  if (typeof option === "function") return;
  throw new TypeError(`${what}: expected a function such as ${example}, got ${shownOption(option)}`);
}

/** A value as shown in messages about options. */
export function shownOption(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 100));
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null)
    return `an object with ${Object.keys(value).slice(0, 10).join(", ") || "nothing in it"}`;
  return String(value);
}
