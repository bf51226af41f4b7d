import {
  create,
  type DescMessage,
  isMessage,
  type JsonValue,
  type Message,
  type MessageInitShape,
  type MessageShape,
  toJson,
} from "@bufbuild/protobuf";
import type { Schema, SchemaIssue } from "../../core/schema.ts";
import { rememberRequest } from "../field-mask/apply.ts";
import type { Types } from "../proto/registry.ts";
import { requestFromKept } from "./kept-request.ts";
import { missingFields } from "./required-fields.ts";
import { brokenRules, mayHaveRules } from "./validation-rules.ts";

/**
 * The schema of a request: takes proto-JSON, as it is kept, or a message, and gives a message. Fields that are REQUIRED must be
 * there, and rules of protovalidate are checked where the protos have some.
 *
 * @see https://protobuf.dev/programming-guides/json; AIP-203
 */
export function requestSchema<Desc extends DescMessage>(
  desc: Desc,
  types: Types,
): Schema<MessageInitShape<Desc>, MessageShape<Desc>> {
  const hasRules = mayHaveRules(desc.file);
  return schema((value) => {
    const message = isMessage(value, desc) ? value : requestFromKept(desc, value as JsonValue, types);
    rememberRequest(message, desc);
    const issues = missingFields(desc, message);
    if (issues.length > 0) return { issues };
    if (!hasRules) return { value: message };
    return brokenRules(desc, message, types).then((broken) =>
      broken.length > 0 ? { issues: broken } : { value: message },
    );
  });
}

/** The schema of what handlers return and report: takes what `create` takes, and gives a message that can be written. */
export function messageSchema<Desc extends DescMessage>(
  desc: Desc,
  types: Types,
): Schema<MessageInitShape<Desc>, MessageShape<Desc>> {
  return schema((value) => {
    const message = messageOf(desc, value);
    // Nothing looks at the types of the fields before they are written.
    toJson(desc, message as MessageShape<Desc>, { registry: types });
    return { value: message as MessageShape<Desc> };
  });
}

/** @throws {TypeError} for a message of another type */
export function messageOf(desc: DescMessage, value: unknown): Message {
  if (isMessage(value) && value.$typeName !== desc.typeName) {
    throw new TypeError(`expected a ${desc.typeName}, got a ${value.$typeName}`);
  }
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`expected a ${desc.typeName}, got ${value === null ? "null" : typeof value}`);
  }
  return create(desc, value as MessageInitShape<DescMessage>);
}

type Checked<Output> = { readonly value: Output } | { readonly issues: readonly SchemaIssue[] };

function schema<Input, Output>(
  check: (value: unknown) => Checked<Output> | Promise<Checked<Output>>,
): Schema<Input, Output> {
  return {
    "~standard": {
      version: 1,
      vendor: "longrunning",
      validate(value) {
        try {
          return check(value);
        } catch (error) {
          return { issues: [{ message: error instanceof Error ? error.message : String(error) }] };
        }
      },
    },
  };
}
