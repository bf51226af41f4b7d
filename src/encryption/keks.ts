import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { KEK_ID_BYTES, unwrap, wrap } from "./envelope.ts";
import { type KeySourceParts, readKey } from "./key-source.ts";

/** A key that encrypts only other keys. */
export interface Kek {
  /** Hexadecimal digits that are derived from the key and do not reveal it. */
  readonly id: string;
  /** Such as `file:/etc/longrunning/kek`. */
  readonly source: string;
  readonly secret: KeyObject;
}

/** The KEKs of this process: the first one wraps, all of them unwrap. */
export class Keks {
  readonly #byId: ReadonlyMap<string, Kek>;
  readonly first: Kek;

  constructor(first: Kek, others: readonly Kek[] = []) {
    this.first = first;
    this.#byId = new Map([first, ...others].map((each) => [each.id, each]));
  }

  /**
   * Reads the keys from their sources. @throws {TypeError} with the first source without a valid
   * key, and the remedy
   */
  static async read(sources: readonly string[], parts: KeySourceParts): Promise<Keks> {
    const keys = await Promise.all(
      sources.map(async (source) => kekOf(source, await readKey(source, parts))),
    );
    const [first, ...others] = keys;
    if (first === undefined)
      throw new TypeError("There is no KEK: give one, such as file:/etc/longrunning/kek");
    return new Keks(first, others);
  }

  get all(): readonly Kek[] {
    return [...this.#byId.values()];
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  wrap(key: Uint8Array, how: { readonly binding: string; readonly iv: Uint8Array }): string {
    return wrap(this.first.secret, key, how);
  }

  /** @returns undefined if the KEK is not among these, or did not wrap it */
  unwrap(kekId: string, wrapped: string, binding: string): Buffer | undefined {
    const kek = this.#byId.get(kekId);
    return kek === undefined ? undefined : unwrap(kek.secret, wrapped, binding);
  }
}

function kekOf(source: string, key: Uint8Array): Kek {
  const id = createHmac("sha256", key).update("longrunning KEK").digest().subarray(0, KEK_ID_BYTES);
  return { id: id.toString("hex"), source, secret: createSecretKey(key) };
}
