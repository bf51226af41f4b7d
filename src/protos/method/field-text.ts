import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { didYouMean } from "../../core/value/nearest.ts";
import { fieldValue } from "./request-path.ts";

/** The types of scalar fields except bytes. */
type Plain = string | number | bigint | boolean;

/**
 * Creates a function that reads a field of messages as text, by a path of names as in the proto or
 * in lowerCamelCase; empty if it is missing.
 *
 * @throws {TypeError} with a field that does not exist, or that is not a text, number or boolean
 */
export function fieldText(desc: DescMessage, names: readonly string[]): (message: unknown) => string {
  const fields: DescField[] = [];
  let at: DescMessage | undefined = desc;
  for (const [index, name] of names.entries()) {
    const field: DescField | undefined = at?.fields.find(
      (each) => each.name === name || each.jsonName === name,
    );
    if (field === undefined) {
      const known = at?.fields.map((each) => each.name) ?? [];
      throw new TypeError(
        `the request has no "${names.slice(0, index + 1).join(".")}"${didYouMean(name, known) || `; there is ${known.join(", ") || "nothing"}`}`,
      );
    }
    fields.push(field);
    at = field.fieldKind === "message" ? field.message : undefined;
  }
  const last = fields.at(-1);
  if (last?.fieldKind !== "scalar" || last.scalar === ScalarType.BYTES)
    throw new TypeError(`"${names.join(".")}" has to be a text, a number or a truth`);
  return (message) => {
    const found = fields.reduce((value, field) => fieldValue(value, field), message) as Plain | undefined;
    return found === undefined ? "" : String(found);
  };
}
