import { type DescField, type DescMessage, hasOption } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { resource } from "../../wire/gen/google/api/resource_pb.ts";

/** The mask of an update, and the field with its resource. @see AIP-134 */
export interface UpdateFields {
  readonly mask: DescField & { readonly fieldKind: "message" };
  readonly resource: DescField & { readonly fieldKind: "message" };
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
  const updated = resourceIn(message);
  return mask === undefined || updated === undefined ? undefined : { mask, resource: updated };
}

/**
 * The message that is a resource by its type, or that gives the request its name, or the first
 * message.
 */
function resourceIn({ name, fields }: DescMessage): UpdateFields["resource"] | undefined {
  const messages = fields.filter(isMessageField).filter((field) => !isWellKnown(field.message));
  const named = /^(?:Batch)?Update(\w+)Request$/.exec(name)?.[1]?.toLowerCase();
  return (
    messages.find((field) => field.name.replaceAll("_", "") === named) ??
    messages.find((field) => hasOption(field.message, resource)) ??
    messages[0]
  );
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
