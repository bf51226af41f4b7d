import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { SettingsFor } from "../config/parse.ts";
import { StatusError } from "../core/error/error.ts";
import type { ResourceStore } from "../core/ports/resource-store.ts";
import type { Store } from "../core/ports/store.ts";
import type { Keks } from "../encryption/keks.ts";
import { CommandError } from "./exit.ts";
import type { Io } from "./io.ts";

/** The name in messages of the tenant of operations without a parent. */
export function tenantText(tenant: string): string {
  return tenant === "" ? "operations without a parent" : tenant;
}

/** The date of a number of days since 1970-01-01. */
export function dayText(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/** Opens a store for a command that uses its resources, and closes it in any case. */
export async function withResources<Result>(
  io: Io,
  { store: address }: { readonly store: string },
  {
    readOnly,
    use,
  }: {
    readonly readOnly: boolean;
    readonly use: (resources: ResourceStore, store: Store) => Promise<Result>;
  },
): Promise<Result> {
  const { openStore } = await import("../store/open.ts");
  await requireStore(address);
  let store: Store;
  try {
    store = await openStore(address, { readOnly, clock: io.clock, random: io.random, keepsLeases: false });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof StatusError)) throw error;
    const next = readOnly
      ? "Name another store with --store."
      : "On SQLite, stop the server, run this command again, and start the server.";
    throw new CommandError("refused", error.message, next);
  }
  try {
    return await use(store.resources, store);
  } finally {
    await store.close();
  }
}

/**
 * Avoids creating a store, which has no keys, for a mistyped address. @throws {CommandError} if the
 * file does not exist
 */
async function requireStore(address: string): Promise<void> {
  const { parseAddress } = await import("../store/address.ts");
  try {
    const parsed = parseAddress(address);
    if (!("path" in parsed) || existsSync(parsed.path)) return;
    throw new CommandError("refused", `There is no "${parsed.path}".`, "Name the store with --store.");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError("refused", error.message, "Correct --store.");
  }
}

/**
 * Reads the named KEKs. A relative path is resolved against the directory of the command. @throws
 * {CommandError} if one is missing
 */
export async function readKeks(io: Io, { kek = [] }: Partial<SettingsFor<"kek">>): Promise<Keks> {
  const { Keks } = await import("../encryption/keks.ts");
  const sources = kek.map((each) =>
    each.startsWith("file:") ? `file:${resolve(io.directory, each.slice("file:".length))}` : each,
  );
  try {
    return await Keks.read(sources, { environment: io.environment, clock: io.clock });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError("refused", error.message, "Give with --kek what serve gets.");
  }
}
