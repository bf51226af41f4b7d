import type {
  DescEnum,
  DescEnumValue,
  DescField,
  DescFile,
  DescMessage,
  DescMethod,
} from "@bufbuild/protobuf";

/** Parts of a proto whose comments documents show. */
type Commented = DescMessage | DescField | DescEnum | DescEnumValue | DescMethod;

/**
 * Field numbers of descriptors, for the paths of source locations. @see
 * google/protobuf/descriptor.proto
 */
const FILE_MESSAGES = 4;
const FILE_ENUMS = 5;
const FILE_SERVICES = 6;
const MESSAGE_FIELDS = 2;
const MESSAGE_MESSAGES = 3;
const MESSAGE_ENUMS = 4;
const ENUM_VALUES = 2;
const SERVICE_METHODS = 2;

const known = new WeakMap<DescFile, ReadonlyMap<string, string>>();

/**
 * The comment before a part of a proto, with joined lines; empty for none. Descriptors in generated
 * code have no comments; those of a descriptor set do.
 */
export function commentOf(desc: Commented): string {
  const file =
    desc.kind === "field" ? desc.parent.file : desc.kind === "enum_value" ? desc.parent.file : fileOf(desc);
  let comments = known.get(file);
  if (comments === undefined) known.set(file, (comments = commentsOf(file)));
  return comments.size === 0 ? "" : (comments.get(pathOf(desc).join(".")) ?? "");
}

function fileOf(desc: DescMessage | DescEnum | DescMethod): DescFile {
  return desc.kind === "rpc" ? desc.parent.file : desc.file;
}

/** All comments of a file by the path of their part. */
function commentsOf(file: DescFile): ReadonlyMap<string, string> {
  const locations = file.proto.sourceCodeInfo?.location ?? [];
  const entries = locations.map(
    ({ path, leadingComments }) => [path.join("."), paragraphs(leadingComments)] as const,
  );
  return new Map(entries.filter(([, comment]) => comment !== ""));
}

/** Joins the lines of each paragraph; empty lines and lists stay. */
function paragraphs(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .join("\n")
    .trim()
    .replaceAll(/(?<!\n)\n(?![\n*\-|#])/g, " ");
}

function pathOf(desc: Commented): readonly number[] {
  switch (desc.kind) {
    case "rpc": {
      const { parent } = desc;
      const service = parent.file.proto.service.indexOf(parent.proto);
      return [FILE_SERVICES, service, SERVICE_METHODS, parent.proto.method.indexOf(desc.proto)];
    }
    case "field":
      return [...pathOf(desc.parent), MESSAGE_FIELDS, desc.parent.proto.field.indexOf(desc.proto)];
    case "enum_value":
      return [...pathOf(desc.parent), ENUM_VALUES, desc.parent.proto.value.indexOf(desc.proto)];
    case "enum":
      return desc.parent === undefined
        ? [FILE_ENUMS, desc.file.proto.enumType.indexOf(desc.proto)]
        : [...pathOf(desc.parent), MESSAGE_ENUMS, desc.parent.proto.enumType.indexOf(desc.proto)];
    case "message":
      return desc.parent === undefined
        ? [FILE_MESSAGES, desc.file.proto.messageType.indexOf(desc.proto)]
        : [...pathOf(desc.parent), MESSAGE_MESSAGES, desc.parent.proto.nestedType.indexOf(desc.proto)];
  }
}
