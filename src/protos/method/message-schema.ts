import {
  type DescMessage,
  isMessage,
  type JsonValue,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { JsonError } from "../../core/value/json.ts";
import type { Schema, SchemaIssue } from "../../core/method/schema.ts";
import { rememberRequest } from "../field-mask/apply.ts";
import { checkMasks } from "../field-mask/message-json.ts";
import { messageFromExact } from "../field-mask/message-json.ts";
import { unknownPaths } from "../field-mask/unknown-path.ts";
import { exactJson } from "../../wire/proto/exact-json.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { requestFromKept } from "./kept-request.ts";
import { missingFields } from "./required-fields.ts";
import { brokenRules, mayHaveRules } from "./validation-rules.ts";

/**
 * The schema of a request: accepts proto-JSON in its stored form, or a message, and outputs a
 * message. It requires REQUIRED fields, refuses unknown paths of update masks, and checks the rules
 * of protovalidate if the protos have any.
 *
 * @see https://protobuf.dev/programming-guides/json; AIP-134; AIP-203
 */
export function requestSchema<Desc extends DescMessage>(
  desc: Desc,
  types: Types,
): Schema<MessageInitShape<Desc>, MessageShape<Desc>> {
  const hasRules = mayHaveRules(desc.file);
  return schema((value) => {
    const message = isMessage(value, desc) ? value : requestFromKept(desc, value as JsonValue, types);
    checkMasks(desc, message);
    rememberRequest(message, desc, types);
    const issues = [...unknownPaths(desc, message), ...missingFields(desc, message)];
    if (issues.length > 0) return { issues };
    if (!hasRules) return { value: message };
    return brokenRules(desc, message, types).then((broken) =>
      broken.length > 0 ? { issues: broken } : { value: message },
    );
  });
}

/** Messages from {@link messageSchema}, which can be encoded without another check. */
const made = new WeakSet<Message>();

/**
 * The schema of responses and reports of handlers. It accepts messages, input of `create`,
 * proto-JSON, and any mixture of them, and outputs a message that can be encoded.
 */
export function messageSchema<Desc extends DescMessage>(
  desc: Desc,
  types: Types,
): Schema<MessageInitShape<Desc>, MessageShape<Desc>> {
  return schema((value) => {
    const message = messageOf(desc, value, types);
    made.add(message);
    return { value: message as MessageShape<Desc> };
  });
}

/**
 * Converts a value from code to a message. @throws {JsonError} with the place of an invalid value
 */
export function messageOf(desc: DescMessage, value: unknown, types: Types): Message {
  if (isMessage(value, desc) && made.has(value)) return value;
  return messageFromExact(desc, exactJson(desc, value, { types, from: "code" }), types);
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
          if (error instanceof JsonError && error.path !== "")
            return { issues: [{ message: error.rule, path: [error.path] }] };
          return { issues: [{ message: error instanceof Error ? error.message : String(error) }] };
        }
      },
    },
  };
}
