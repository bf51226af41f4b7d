import { type DeclaredMethod, isAnsweredMethod } from "../core/method/answered-method.ts";
import type { Operations } from "../engine/operations.ts";
import type { RpcRoutes } from "../server/rest/rpc-routes.ts";
import type { Rpc } from "../server/rpc/rpc.ts";

/** The RPCs of a service, for both transports. */
export interface OpenedRpcs {
  readonly rpcs: readonly Rpc[];
  /** Undefined if there are none. */
  readonly routes: RpcRoutes | undefined;
}

/**
 * The RPCs of methods declared by descriptors. The code for descriptors is loaded only if there are
 * some, because it costs a third of the time and memory of a start.
 *
 * @param own RPCs of our own services. @default none
 * @throws {TypeError} if an RPC is declared twice, if HTTP rules do not fit their messages or each
 *   other, or if the package that checks the rules of protovalidate is not installed
 */
export async function openRpcs(
  methods: readonly DeclaredMethod[],
  operations: Operations,
  own: readonly Rpc[] = [],
): Promise<OpenedRpcs> {
  const declared = methods.filter(({ rpc }) => rpc !== undefined);
  if (declared.length === 0 && own.length === 0) return { rpcs: [], routes: undefined };
  const [{ checkRules }, { answeringRpc, startingRpc }, { HttpRules }] = await Promise.all([
    import("../protos/method/validation-rules.ts"),
    import("../server/rpc/declared-rpcs.ts"),
    import("../server/rest/http-rule/http-rules.ts"),
  ]);
  for (const { rpc } of declared) await checkRules(rpc as Rpc["desc"]);
  const users = declared.map((method) =>
    isAnsweredMethod(method) ? answeringRpc(method, operations) : startingRpc(method, operations),
  );
  const rpcs = [...users, ...own];
  checkOnce(rpcs);
  return { rpcs, routes: new HttpRules(rpcs) };
}

function checkOnce(rpcs: readonly Rpc[]): void {
  const seen = new Set<Rpc["desc"]>();
  for (const { desc } of rpcs) {
    if (seen.has(desc)) throw new TypeError(`${desc.parent.typeName}.${desc.name} is declared twice`);
    seen.add(desc);
  }
}
