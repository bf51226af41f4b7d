import { SETTINGS } from "../config/settings.ts";

/** ` --server ADDRESS` for a command to copy; empty for the default address. */
export function serverFlag(server: string): string {
  return server === SETTINGS.server.default ? "" : ` --server ${server}`;
}
