/** Knows whom callers work for, by the collections that they work in. */
export interface Tenants {
  /** The tenant whose a parent, or an operation of this name, is; null for nobody's. */
  of(resource: string): string | null;
}
