import type { DescFile, DescMessage, DescMethod, Message } from "@bufbuild/protobuf";
import type { Schema, SchemaIssue } from "../../core/schema.ts";
import type { Types } from "../proto/registry.ts";
import { withImports } from "./imported-types.ts";

/** The file that protos import when they carry rules of protovalidate. */
const RULES_FILE = "buf/validate/validate";

/** Whether a file, or one that it imports, may carry rules of protovalidate. */
export function mayHaveRules(file: DescFile): boolean {
  return [...withImports(file)].some(({ name }) => name === RULES_FILE);
}

/**
 * Loads what checks rules. It is large, so it is no dependency of ours: whoever has rules installs it.
 *
 * @throws {TypeError} when it is not installed, saying how to install it
 */
export async function loadRules(
  file: DescFile,
  load: () => Promise<typeof import("@bufbuild/protovalidate")> = () => import("@bufbuild/protovalidate"),
): Promise<typeof import("@bufbuild/protovalidate")> {
  try {
    return await load();
  } catch (cause) {
    const message = `${file.name}.proto has rules of protovalidate; what checks them is not installed: npm install @bufbuild/protovalidate`;
    throw new TypeError(message, { cause });
  }
}

/** Whether the rules of an RPC's protos, if they have some, can be checked. @throws {TypeError} as {@link loadRules} */
export async function checkRules(rpc: DescMethod): Promise<void> {
  if (mayHaveRules(rpc.parent.file)) await loadRules(rpc.parent.file);
}

/**
 * What a message breaks of the rules in its protos, each with the path of its field.
 *
 * @see https://protovalidate.com
 */
export async function brokenRules(
  desc: DescMessage,
  message: Message,
  types: Types,
): Promise<readonly SchemaIssue[]> {
  const { createStandardSchema } = await loadRules(desc.file);
  const schema: Schema = createStandardSchema(desc, { registry: types });
  return (await schema["~standard"].validate(message)).issues ?? [];
}
