import { retryInfo } from "../../core/error/details.ts";
import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";

/**
 * Limits concurrent reads of operators. Further reads are refused, because the page retries them
 * anyway.
 */
export class Reads {
  readonly #max: number;
  #underWay = 0;

  constructor(max: number = LIMITS.adminReadsMax) {
    this.#max = max;
  }

  /** @throws {StatusError} RESOURCE_EXHAUSTED TOO_MANY_ADMIN_READS; and errors of `read` */
  async run<T>(read: () => Promise<T>): Promise<T> {
    if (this.#underWay >= this.#max) throw tooMany(this.#max);
    this.#underWay++;
    try {
      return await read();
    } finally {
      this.#underWay--;
    }
  }
}

function tooMany(max: number): Error {
  return serviceError(
    "TOO_MANY_ADMIN_READS",
    `Operators of this process read ${max} things at once, which is as many as they may; try again.`,
    { metadata: { readsMax: String(max) }, details: [retryInfo({ retryDelay: "1s" })] },
  );
}
