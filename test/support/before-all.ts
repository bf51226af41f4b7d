import { makeTemplate } from "./migrated.ts";
import { type PostgresServer, startSharedPostgres } from "./postgres.ts";

/** Runs before and after all files of a run (`node --test --test-global-setup`). */
let server: PostgresServer | undefined;

export async function globalSetup(): Promise<void> {
  server = await startSharedPostgres();
  await makeTemplate(server);
}

export async function globalTeardown(): Promise<void> {
  await server?.[Symbol.asyncDispose]();
}
