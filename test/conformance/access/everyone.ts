import { TestIssuer } from "../../../src/access/credentials/issuer.suite.ts";
import { ROLES } from "../../../src/access/roles.ts";
import { type Permission, PERMISSIONS } from "../../../src/core/permission.ts";
import { SqliteStore } from "../../../src/store/sqlite/store.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { type AccessServer, openAccessServer, RULES, work } from "./tenants.ts";

/** A caller, and its grants. */
export interface Somebody {
  readonly headers: Readonly<Record<string, string>>;
  /** Permissions below projects/a, which all calls of the matrix concern. */
  readonly holds: ReadonlySet<Permission>;
  /** The reason of every refusal. */
  readonly reason: string;
  /** Whether the caller is known: an unknown caller must not even learn which resources exist. */
  readonly isKnown: boolean;
}

/** A server, all its callers, an operation of projects/a, and the number of calls of the store. */
export interface Everyone extends AsyncDisposable {
  readonly server: AccessServer;
  readonly somebody: Readonly<Record<string, Somebody>>;
  /** A new operation, which does not begin. */
  operation(): Promise<string>;
  /** The number of store calls for operations so far. */
  asked(): number;
}

const KEY = "lro_test_0123456789abcdefghijABCDEFGHIJ12345678";

function known(user: string, holds: readonly Permission[]): Somebody {
  return {
    headers: { "x-user": user },
    holds: new Set(holds),
    reason: "IAM_PERMISSION_DENIED",
    isKnown: true,
  };
}

export async function openEveryone(): Promise<Everyone> {
  const issuer = await TestIssuer.open();
  const clock = new ManualClock();
  const { issuer: name, audiences, keysUrl } = issuer.rules();
  const section = JSON.stringify([{ issuer: name, audiences, keysUrl }]);
  const server = await openAccessServer(`issuers: ${section}\n${RULES}`, {
    clock,
    worker: false,
    statistics: false,
    webhooks: true,
  });
  const bearer = async (time: number): Promise<Record<string, string>> => ({
    authorization: `Bearer ${await issuer.sign(time)}`,
  });
  const nobody = { holds: new Set<Permission>(), isKnown: false } as const;
  const counted = countOperations();
  return {
    server,
    somebody: {
      nobody: { ...nobody, headers: {}, reason: "CREDENTIALS_MISSING" },
      "a wrong key": { ...nobody, headers: { "x-goog-api-key": KEY }, reason: "API_KEY_INVALID" },
      "an expired token": {
        ...nobody,
        headers: await bearer(clock.now() - 36_000_000),
        reason: "ACCESS_TOKEN_EXPIRED",
      },
      "another tenant": known("bob", [PERMISSIONS.discover]),
      viewer: known("vera", ROLES.viewer),
      caller: known("ada", ROLES.caller),
      worker: known("wanda", [PERMISSIONS.discover, ...ROLES.worker]),
      operator: known("olga", ROLES.operator),
      admin: known("root", ROLES.admin),
    },
    operation: async () =>
      (await server.operations.start(work, { text: "x" }, { parent: "projects/a" })).name,
    asked: () => counted.calls,
    [Symbol.asyncDispose]: async () => {
      counted.restore();
      await server[Symbol.asyncDispose]();
      await issuer[Symbol.asyncDispose]();
    },
  };
}

/** Counts the calls of every store for operations. */
function countOperations(): { readonly calls: number; restore(): void } {
  const counted = { calls: 0, restore: (): void => undefined };
  const restores = (["read", "list", "rows", "write", "over", "facts"] as const).map((name) => {
    const original = SqliteStore.prototype[name] as (...given: never[]) => unknown;
    const counting = function (this: SqliteStore, ...given: never[]): unknown {
      counted.calls++;
      return original.apply(this, given);
    };
    Object.assign(SqliteStore.prototype, { [name]: counting });
    return () => void Object.assign(SqliteStore.prototype, { [name]: original });
  });
  counted.restore = () => {
    for (const restore of restores) restore();
  };
  return counted;
}
