import type { DescMethodUnary } from "@bufbuild/protobuf";
import { bindingsOf } from "../http-rule/binding.ts";

/**
 * What an RPC does in one word, as `metadata.verb` of Google's operations has it: `create`, `update` and `delete` of the standard
 * methods, the verb behind the colon of the others, such as `export`. The RPC's own name where it has none.
 *
 * @see AIP-133 to AIP-136
 */
export function verbOf(rpc: DescMethodUnary): string {
  const standard = /^(?:Create|Update|Delete)(?=[A-Z])/.exec(rpc.name)?.[0];
  if (standard !== undefined) return standard.toLowerCase();
  return bindingsOf(rpc).find(({ template }) => template.verb !== "")?.template.verb ?? rpc.localName;
}
