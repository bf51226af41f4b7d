import { create, toJson } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";

/**
 * The text of a mask with a path that has no form in proto-JSON, such as `labels.Env` or `_`; it
 * spells paths as in the proto, and can be read back. Undefined for other masks, and for values
 * that are not paths.
 *
 * @see google/protobuf/field_mask.proto, "JSON Encoding of Field Masks"
 */
export function oddMaskText(paths: unknown): string | undefined {
  if (!Array.isArray(paths) || !paths.every((path): path is string => typeof path === "string"))
    return undefined;
  if (plainText(paths) !== undefined) return undefined;
  return paths.map((path) => plainText([path]) ?? path).join(",");
}

function plainText(paths: string[]): string | undefined {
  try {
    return toJson(FieldMaskSchema, create(FieldMaskSchema, { paths }));
  } catch {
    return undefined;
  }
}
