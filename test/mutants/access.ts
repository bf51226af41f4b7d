import type { Mutant } from "./mutant.ts";

/** Faults of `src/access`, and of what it stands in. */
export const ACCESS: readonly Mutant[] = [
  {
    id: "prefix-of-a-segment",
    file: "src/core/operation/collection.ts",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a text of the source
    find: "parent.startsWith(`${other}/`)",
    replace: "parent.startsWith(other)",
    fault: "A list shows the caller of projects/a what is under projects/ab.",
  },
  {
    id: "method-unknown-fits",
    file: "src/access/grant-table.ts",
    find: "(method !== undefined && methods.has(method))",
    replace: "(method === undefined || methods.has(method))",
    fault: "A grant for the starts of one method lets its members read everything.",
  },
  {
    id: "anonymous-is-authenticated",
    file: "src/access/grant-table.ts",
    find: "const isAnonymous = principal === ANONYMOUS.principal;",
    replace: 'const isAnonymous = principal === "";',
    fault: "Whoever comes without credentials has what is granted to everybody with credentials.",
  },
  {
    id: "groups-of-the-token-forgotten",
    file: "src/access/grant-table.ts",
    find: "      yield* groups;\n",
    replace: "",
    fault: "A group that only the token names gives nothing.",
  },
  {
    id: "said-to-be-the-program",
    file: "src/access/authorizer.ts",
    find: "if (call.caller === IN_PROCESS || this.#find(call) !== undefined) return;",
    replace: "if (call.caller.principal === IN_PROCESS.principal || this.#find(call) !== undefined) return;",
    fault: "A caller named in-process may do everything.",
  },
  {
    id: "old-rules-forgotten",
    file: "src/assembly/access.ts",
    find: "current = await loadRules(path);",
    replace: "current = await loadRules(path).catch(() => ({ ...current, grants: [] }));",
    fault: "A mistake in the file shuts everybody out.",
  },
  {
    id: "wide-list-not-narrowed",
    file: "src/engine/operations.ts",
    find: "{ ...request, within: chain.parentsOf(call) }",
    replace: "request",
    fault: "A list over all collections shows what is of other tenants.",
  },
  {
    id: "missing-is-told",
    file: "src/engine/policy.ts",
    find: "isMissing(thrown) ? (",
    replace: "!isMissing(thrown) ? (",
    fault: "Whoever may not list a parent learns which operations do not exist.",
  },
  {
    id: "open-to-everybody",
    file: "src/assembly/access-control.ts",
    find: "return accessControl && role",
    replace: "return !accessControl && role",
    fault: "A server that the world reaches starts without anybody saying who may do what.",
  },
  {
    id: "discovery-for-everybody",
    file: "src/access/authorizer.ts",
    find: "&& call.caller.principal !== ANONYMOUS.principal) return;",
    replace: ") return;",
    fault: "Whoever comes without credentials sees what there is to call.",
  },
  {
    id: "reflection-for-everybody",
    file: "src/server/grpc/handlers.ts",
    find: "      await operations.discover(caller, async () => undefined);\n",
    replace: "",
    fault: "Reflection tells everybody of the services.",
  },
  {
    id: "session-shows-what-is-refused",
    file: "src/engine/admin/session.ts",
    find: 'if (await chain.permits({ caller, permission: ACTION_PERMISSIONS[action], resource: "" }))',
    replace: "",
    fault: "The page shows an operator actions that are refused.",
  },
  {
    id: "condition-forgotten",
    file: "src/access/grant-table.ts",
    find: "return methods !== undefined || condition !== undefined;",
    replace: "return methods !== undefined;",
    fault: "A grant gives what it gives whether its condition is true or not.",
  },
  {
    id: "condition-with-an-error-holds",
    file: "src/access/conditions.ts",
    find: "judge(call, now) === true",
    replace: "judge(call, now) !== false",
    fault: "A condition that cannot be judged lets everybody in.",
  },
];
