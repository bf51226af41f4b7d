/** What a name of an operation consists of. */
export interface NameParts {
  /** Such as `projects/acme/locations/eu`; empty for none. */
  readonly parent: string;
  readonly id: string;
}

/** Parent and id of `projects/acme/operations/0192…`. */
export function nameParts(name: string): NameParts {
  const at = name.lastIndexOf("operations/");
  if (at === -1) return { parent: "", id: name };
  return { parent: name.slice(0, Math.max(0, at - 1)), id: name.slice(at + "operations/".length) };
}

/** The end of an id, which tells operations of a page apart and is enough to jump to one. */
export function shortId(name: string): string {
  const { id } = nameParts(name);
  return id.length > 12 ? `…${id.slice(-8)}` : id;
}

/** The beginning of a worker's name, without what is random in it. */
export function shortWorker(worker: string): string {
  return worker.length > 24 ? `${worker.slice(0, 23)}…` : worker;
}
