import type { Mutant } from "./mutant.ts";

/** Faults of `src/encryption`, and of those who meet what it has sealed. */
export const ENCRYPTION: readonly Mutant[] = [
  {
    id: "encryption-unbound",
    file: "src/encryption/sealing.ts",
    find: "return `${service}|${formatName(operation)}|${field}`;",
    replace: "return `${service}|${field}`;",
    fault: "A sealed text can be moved to another operation.",
  },
  {
    id: "encryption-any-field",
    file: "src/encryption/sealing.ts",
    find: "return `${service}|${formatName(operation)}|${field}`;",
    replace: "return `${service}|${formatName(operation)}|${field.length > 0}`;",
    fault: "A sealed text can be moved to another field.",
  },
  {
    id: "encryption-plain-exceptions",
    file: "src/encryption/sealing.ts",
    find: 'exception: exception === null ? null : this.#text(exception, key, place("exception")),',
    replace: "exception,",
    fault: "Exceptions are kept as they are.",
  },
  {
    id: "encryption-plain-details",
    file: "src/encryption/sealing.ts",
    find: "message: joinSealed(head, whole), details: [] };",
    replace: "message: joinSealed(head, whole), details };",
    fault: "Details of errors are kept as they are.",
  },
  {
    id: "encryption-plain-attempts",
    file: "src/encryption/sealing.ts",
    find: 'if (attempt.message === "") return attempt;',
    replace: "if (attempt.number > 0) return attempt;",
    fault: "Messages of attempts are kept as they are.",
  },
  {
    id: "encryption-failure-texts",
    file: "src/encryption/sealed-statistics.ts",
    find: '      text: "",',
    replace: "",
    fault: "Statistics keep texts that come from errors.",
  },
  {
    id: "encryption-uses-unbounded",
    file: "src/encryption/data-keys.ts",
    find: "if (uses > LIMITS.keyUsesMax) return undefined;",
    replace: "",
    fault: "A key seals more texts than random IVs allow.",
  },
  {
    id: "encryption-reads-twice",
    file: "src/encryption/data-keys.ts",
    find: "sought.filter((id) => !this.#sought.has(id))",
    replace: "sought.filter(() => true)",
    fault: "Everybody who does not know a key looks it up, at the same time.",
  },
  {
    id: "encryption-trusts-for-ever",
    file: "src/encryption/data-keys.ts",
    find: "return this.#parts.clock.monotonic() - at < LIMITS.dataKeyTrustMs;",
    replace: "return at <= this.#parts.clock.monotonic();",
    fault: "A process goes on to read with a key that was shredded elsewhere.",
  },
  {
    id: "encryption-keeps-claims",
    file: "src/encryption/encrypted-store.ts",
    find: "await this.#giveBack(each);",
    replace: "",
    fault:
      "What a process claimed and has no key for waits until the lease has passed, and counts as failed.",
  },
  {
    id: "encryption-rewraps-once",
    file: "src/encryption/rotation.ts",
    find: "[current] = await resources.read(DATA_KEY, [current.name]);",
    replace: "current = undefined;",
    fault: "A key of which a process takes uses meanwhile stays wrapped by the old KEK.",
  },
  {
    id: "encryption-needs-old-keks",
    file: "src/encryption/rotation.ts",
    find: "for (const { id } of unused) await resources.remove(KEK, id);",
    replace: "",
    fault: "A KEK that wraps nothing any more is asked for at every start.",
  },
  {
    id: "encryption-shreds-all",
    file: "src/encryption/rotation.ts",
    find: "if (readDataKey(each).tenant !== tenant) continue;",
    replace: "",
    fault: "To shred a tenant shreds all.",
  },
  {
    id: "encryption-runs-lost",
    file: "src/worker/outcome.ts",
    find: "if (request === LOST_REQUEST) return { failed: lostFailure };",
    replace: "",
    fault: "An operation whose request is lost is tried again for ever.",
  },
];
