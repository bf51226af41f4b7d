/** Maps resources to tenants. */
export interface Tenants {
  /** The tenant of a parent or of an operation's name; null for none. */
  of(resource: string): string | null;
}
