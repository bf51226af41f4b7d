import postgres from "postgres";

/** A connection of our own to the database of a cluster, which bypasses its proxies. */
export function administrator(store: string, options: { readonly connections?: number } = {}): postgres.Sql {
  return postgres(store, {
    max: options.connections ?? 1,
    onnotice: () => {},
    connection: { application_name: "faults" },
  });
}
