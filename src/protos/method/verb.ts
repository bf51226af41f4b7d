import type { DescMethodUnary } from "@bufbuild/protobuf";
import { bindingsOf } from "../http-rule/binding.ts";

/**
 * The action of an RPC in one word, as in `metadata.verb` of Google's operations: `create`,
 * `update` and `delete` for standard methods, and the verb after the colon for others, such as
 * `export`. Without a verb, it is the RPC's own name.
 *
 * @see AIP-133 to AIP-136
 */
export function verbOf(rpc: DescMethodUnary): string {
  const standard = /^(?:Create|Update|Delete)(?=[A-Z])/.exec(rpc.name)?.[0];
  if (standard !== undefined) return standard.toLowerCase();
  return bindingsOf(rpc).find(({ template }) => template.verb !== "")?.template.verb ?? rpc.localName;
}
