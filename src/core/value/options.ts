import { didYouMean } from "./nearest.ts";

/** What users of other systems call an option, and what it is called here. */
export type OtherNames = Readonly<Record<string, string>>;

/**
 * Checks that options are an object and have no other names than the known ones.
 *
 * @param what stands before the message, such as `createArchive: retry`
 * @param example an object as it may be written
 * @throws {TypeError} naming the option that is unknown, and the one that was probably meant
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

/** An option that is a function. @throws {TypeError} saying what it was */
export function checkFunction(what: string, option: unknown, example: string): void {
  if (typeof option === "function") return;
  throw new TypeError(`${what}: expected a function such as ${example}, got ${shownOption(option)}`);
}

/** A value as messages about options show it. */
export function shownOption(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 100));
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null)
    return `an object with ${Object.keys(value).slice(0, 10).join(", ") || "nothing in it"}`;
  return String(value);
}
