import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Binding } from "../../protos/http-rule/binding.ts";
import { commentOf } from "./comments.ts";
import type { ParameterDescription, ValueDescription } from "./description.ts";
import type { MessageDescriptions } from "./message-descriptions.ts";
import { parameterName } from "./rpc-path.ts";

/** The most described parameters of one method: nested messages have more than anybody reads. */
const PARAMETERS_MAX = 500;

/**
 * The query parameters of a binding: every field that is neither in the path nor in the body;
 * fields of messages by their path. A recursive message is followed once. Maps and lists of
 * messages cannot be parameters.
 *
 * @see google/api/http.proto, "Rules for HTTP mapping"
 */
export function queryParameters(
  { rpc, body, variables }: Binding,
  messages: MessageDescriptions,
): Readonly<Record<string, ParameterDescription>> {
  if (body === "*") return {};
  const bound = new Set(variables.map(({ fields }) => parameterName(fields)));
  const found: [string, ParameterDescription][] = [];
  const visit = (
    message: DescMessage,
    before: readonly DescField[],
    around: ReadonlySet<DescMessage>,
  ): void => {
    for (const field of message.fields) {
      if (found.length >= PARAMETERS_MAX) return;
      const fields = [...before, field];
      const name = parameterName(fields);
      if (field === body || bound.has(name)) continue;
      const value = singleValue(field, messages);
      if (value !== undefined) found.push([name, parameter(field, value)]);
      else if (field.fieldKind === "message" && isPlain(field.message) && !around.has(field.message))
        visit(field.message, fields, new Set([...around, field.message]));
    }
  };
  visit(rpc.input, [], new Set([rpc.input]));
  return Object.fromEntries(found);
}

/** The value of a field, or of each member of its list, if it is a single text. */
function singleValue(field: DescField, messages: MessageDescriptions): ValueDescription | undefined {
  if (field.fieldKind === "map") return undefined;
  if (field.message !== undefined && isPlain(field.message)) return undefined;
  const value = messages.fieldValue(field);
  const single = value.type === "array" ? value.items : value;
  return ["string", "integer", "number", "boolean"].includes(single?.type ?? "") ? single : undefined;
}

/** Whether the JSON of a message consists of its fields. */
function isPlain({ typeName }: DescMessage): boolean {
  return !typeName.startsWith("google.protobuf.") || typeName === "google.protobuf.Empty";
}

function parameter(field: DescField, value: ValueDescription): ParameterDescription {
  const comment = commentOf(field);
  return {
    ...value,
    description: comment === "" ? `The field \`${field.name}\` of the request.` : comment,
    location: "query",
    ...(field.fieldKind === "list" ? { repeated: true } : {}),
    ...(field.deprecated ? { deprecated: true } : {}),
  };
}
