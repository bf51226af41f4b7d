import { type DescMessage, fromBinary, toJson } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { ErrorDetail } from "../../core/error/details.ts";
import { STRUCT } from "../../core/operation/payload.ts";
import { isUnderValue, typeUrl } from "../../wire/any.ts";
import type { Operation } from "../../wire/gen/google/longrunning/operations_pb.ts";
import type { Status } from "../../wire/gen/google/rpc/status_pb.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { isObject } from "../any.ts";
import { type ClientOperation, decodeOperation } from "../operation.ts";

/** An operation in the same form as over REST. */
export function operationOf(operation: Operation, types: Types): ClientOperation {
  return decodeOperation(operationJson(operation, types));
}

/** An operation in JSON. */
export function operationJson({ name, done, metadata, result }: Operation, types: Types): object {
  return {
    name,
    done,
    ...(metadata === undefined ? {} : { metadata: payloadJson(metadata, types) }),
    ...(result.case === "response" ? { response: payloadJson(result.value, types) } : {}),
    ...(result.case === "error" ? { error: statusJson(result.value, types) } : {}),
  };
}

/** The details of a status in JSON. */
export function detailsOf({ details }: Status, types: Types): readonly ErrorDetail[] {
  return details.map((each) => anyJson(each, types) ?? unknownJson(each));
}

/** A status in JSON. */
export function statusJson(status: Status, types: Types): object {
  return { code: status.code, message: status.message, details: detailsOf(status, types) };
}

/**
 * A payload of an unknown type is wrapped into a Struct together with its type, as our servers do
 * for such payloads, so that the caller gets the type and may be able to decode it.
 */
function payloadJson(any: Any, types: Types): ErrorDetail {
  return anyJson(any, types) ?? { "@type": typeUrl(STRUCT), value: unknownJson(any) };
}

function unknownJson({ typeUrl: url, value }: Any): ErrorDetail {
  return { "@type": url, value: Buffer.from(value).toString("base64") };
}

/** An Any in its JSON form; undefined if its type is unknown, or its bytes are invalid. */
function anyJson({ typeUrl: url, value }: Any, types: Types): ErrorDetail | undefined {
  const type = types.getMessage(url.slice(url.lastIndexOf("/") + 1));
  if (type === undefined) return undefined;
  const json = messageJson(type, value, types);
  if (isUnderValue(type.typeName)) return json === undefined ? undefined : { "@type": url, value: json };
  return isObject(json) ? { ...json, "@type": url } : undefined;
}

function messageJson(type: DescMessage, bytes: Uint8Array, types: Types): unknown {
  try {
    return toJson(type, fromBinary(type, bytes), { registry: types });
  } catch {
    return undefined;
  }
}
