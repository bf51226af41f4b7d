import { type DescField, type DescMessage, hasOption } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { resource } from "../../wire/gen/google/api/resource_pb.ts";

/** The mask of an update, and the field with its resource. @see AIP-134 */
export interface UpdateFields {
  readonly mask: DescField & { readonly fieldKind: "message" };
  readonly resource: DescField & { readonly fieldKind: "message" };
  /**
   * Whether the mask is about this resource without doubt: the request has the name of the resource,
   * as in UpdateBookRequest, or the mask is an `update_mask` and the message a resource by its type.
   * `ImportBooksRequest` may have an `update_mask` about books, and a source as its only message.
   */
  readonly isCertain: boolean;
}

/** The names of update masks: `update_mask` by AIP-134, `field_mask` or `mask` in some services. */
const MASKS = ["update_mask", "field_mask", "mask"];

const known = new WeakMap<DescMessage, { readonly found: UpdateFields | undefined }>();

/** The mask and the resource of an update request; undefined for any other message. */
export function updateFieldsOf(message: DescMessage): UpdateFields | undefined {
  const before = known.get(message);
  if (before !== undefined) return before.found;
  const found = findUpdateFields(message);
  known.set(message, { found });
  return found;
}

function findUpdateFields(message: DescMessage): UpdateFields | undefined {
  const masks = message.fields.filter(isMask);
  const mask = MASKS.map((name) => masks.find((field) => field.name === name)).find((each) => each);
  if (mask === undefined) return undefined;
  const messages = message.fields.filter(isMessageField).filter((field) => !isWellKnown(field.message));
  const named = messages.find((field) => field.name.replaceAll("_", "") === updatedName(message));
  const typed = messages.find((field) => hasOption(field.message, resource));
  // Otherwise the first message is a guess.
  const updated = named ?? typed ?? messages[0];
  if (updated === undefined) return undefined;
  const isCertain = named !== undefined || (typed !== undefined && mask.name === MASKS[0]);
  return { mask, resource: updated, isCertain };
}

/** The name of the resource in the name of an update request. */
function updatedName({ name }: DescMessage): string | undefined {
  return /^(?:Batch)?Update(\w+)Request$/.exec(name)?.[1]?.toLowerCase();
}

/** Whether a field holds one mask. */
export function isMask(field: DescField): field is UpdateFields["mask"] {
  return isMessageField(field) && field.message.typeName === FieldMaskSchema.typeName;
}

function isMessageField(field: DescField): field is UpdateFields["resource"] {
  return field.fieldKind === "message";
}

function isWellKnown({ typeName }: DescMessage): boolean {
  return typeName.startsWith("google.protobuf.");
}
