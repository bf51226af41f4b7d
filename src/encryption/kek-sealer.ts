import { createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import type { Random } from "../core/ports/random.ts";
import type { ResourceStore } from "../core/ports/resource-store.ts";
import type { Sealer } from "../core/ports/sealer.ts";
import { IV_BYTES, unwrap, wrap } from "./envelope.ts";
import type { Keks } from "./keks.ts";
import { putSealingKek, removeSealingKek, sealingKeks } from "./needed-keks.ts";

const SALT_BYTES = 32;
const KEY_BYTES = 32;

/**
 * Seals short-lived texts with KEKs directly. Each text has its own key, derived from the first KEK
 * and a random salt (RFC 5869), so the number of texts per KEK needs no limit. The sealed form is
 * `<id of the KEK>.<salt>.<sealed>`.
 */
export class KekSealer implements Sealer {
  readonly #keks: Keks;
  readonly #random: Random;
  #noted: Promise<void> | undefined;

  constructor(keks: Keks, random: Random) {
    this.#keks = keks;
    this.#random = random;
  }

  seal(text: string, binding: string): string {
    const { id, secret } = this.#keks.first;
    const salt = Buffer.from(this.#random.bytes(SALT_BYTES));
    const iv = this.#random.bytes(IV_BYTES);
    const sealed = wrap(derived(secret, salt), Buffer.from(text), { binding, iv });
    return [id, salt.toString("base64"), sealed].join(".");
  }

  open(sealed: string, binding: string): string | undefined {
    const [id = "", salt = "", wrapped = ""] = sealed.split(".");
    const kek = this.#keks.all.find((each) => each.id === id);
    if (kek === undefined) return undefined;
    return unwrap(derived(kek.secret, Buffer.from(salt, "base64")), wrapped, binding)?.toString();
  }

  need(resources: ResourceStore): Promise<void> {
    return (this.#noted ??= putSealingKek(resources, this.#keks.first.id).catch((error: unknown) => {
      this.#noted = undefined;
      throw error;
    }));
  }

  async needOnly(resources: ResourceStore, sealed: readonly string[]): Promise<void> {
    const needed = new Set(sealed.map((each) => each.split(".", 1)[0] ?? ""));
    const noted = await sealingKeks(resources);
    for (const id of needed) if (!noted.includes(id)) await putSealingKek(resources, id);
    this.#noted = undefined;
    for (const id of noted) if (!needed.has(id)) await removeSealingKek(resources, id);
  }
}

function derived(secret: KeyObject, salt: Uint8Array): KeyObject {
  return createSecretKey(new Uint8Array(hkdfSync("sha256", secret, salt, "longrunning sealer", KEY_BYTES)));
}
