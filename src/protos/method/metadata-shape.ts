import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { MetadataShape } from "../../core/method/codec.ts";
import { SERVICE_METADATA_FIELDS, type ServiceMetadataField } from "../../core/method/metadata.ts";

/** The names and kinds of conventional fields in Google's own metadata types. */
const CONVENTIONS: Readonly<
  Record<ServiceMetadataField, { readonly names: readonly string[]; readonly kind: Kind }>
> = {
  verb: { names: ["verb"], kind: "string" },
  target: { names: ["target"], kind: "string" },
  createTime: { names: ["create_time"], kind: "google.protobuf.Timestamp" },
  scheduleTime: { names: ["schedule_time"], kind: "google.protobuf.Timestamp" },
  startTime: { names: ["start_time"], kind: "google.protobuf.Timestamp" },
  endTime: { names: ["end_time"], kind: "google.protobuf.Timestamp" },
  expireTime: { names: ["expire_time"], kind: "google.protobuf.Timestamp" },
  // An enum is the method's own; only a text can be the service's.
  state: { names: ["state"], kind: "string" },
  attempt: { names: ["attempt"], kind: "int32" },
  priority: { names: ["priority"], kind: "int32" },
  requestedCancellation: { names: ["requested_cancellation", "cancel_requested"], kind: "bool" },
  apiVersion: { names: ["api_version"], kind: "string" },
  pollInterval: { names: ["poll_interval"], kind: "google.protobuf.Duration" },
};

/** The fields for the current activity. A handler's value takes precedence. */
const STATUS: ReadonlySet<string> = new Set(["status_message", "status_detail"]);

/** AIP-185: the last part of a package is the version. */
const VERSION = /\.(v\d+[a-z0-9]*)$/;

type Kind = "string" | "bool" | "int32" | "google.protobuf.Timestamp" | "google.protobuf.Duration";

const SCALARS: Readonly<Partial<Record<ScalarType, Kind>>> = {
  [ScalarType.STRING]: "string",
  [ScalarType.BOOL]: "bool",
  [ScalarType.INT32]: "int32",
};

/**
 * The service's fields that a metadata type has, by the names in Google's own types.
 *
 * @see contract section 6.10; design section 8
 */
export function metadataShape(desc: DescMessage): MetadataShape {
  const fields = new Map<ServiceMetadataField, string>();
  for (const ours of SERVICE_METADATA_FIELDS) {
    const { names, kind } = CONVENTIONS[ours];
    const theirs = desc.fields.find((field) => names.includes(field.name) && kindOf(field) === kind);
    if (theirs !== undefined) fields.set(ours, theirs.jsonName);
  }
  const status = desc.fields.find((field) => STATUS.has(field.name) && kindOf(field) === "string");
  return {
    type: desc.typeName,
    fields,
    statusMessage: status?.jsonName,
    apiVersion: VERSION.exec(desc.file.proto.package)?.[1],
  };
}

function kindOf(field: DescField): string | undefined {
  if (field.fieldKind === "message") return field.message.typeName;
  return field.fieldKind === "scalar" ? SCALARS[field.scalar] : undefined;
}
