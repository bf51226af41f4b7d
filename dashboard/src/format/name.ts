/** The parts of an operation's name. */
export interface NameParts {
  /** Such as `projects/acme/locations/eu`; empty for none. */
  readonly parent: string;
  readonly id: string;
}

/** Splits `projects/acme/operations/0192…` into parent and id. */
export function nameParts(name: string): NameParts {
  const at = name.lastIndexOf("operations/");
  if (at === -1) return { parent: "", id: name };
  return { parent: name.slice(0, Math.max(0, at - 1)), id: name.slice(at + "operations/".length) };
}

/** The end of an id: it distinguishes the operations of a page, and is enough to jump to one. */
export function shortId(name: string): string {
  const { id } = nameParts(name);
  return id.length > 12 ? `…${id.slice(-8)}` : id;
}

/** The beginning of a worker's name, without the random part. */
export function shortWorker(worker: string): string {
  return worker.length > 24 ? `${worker.slice(0, 23)}…` : worker;
}
