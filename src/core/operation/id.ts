import { LIMITS } from "../limits.ts";
import type { Random } from "../ports/random.ts";

/**
 * Ids are UUIDs of version 7: newer operations sort after older ones, and an id contains the time
 * of its creation. The last six bits are the operation's shard (a Get finds the shard without a
 * lookup). The second to last byte encodes the time to live, so that an expired operation can be
 * told from an unknown one after its removal. The byte before it is the origin: it identifies the
 * process that started the operation, for processes that notify each other of ends.
 *
 * @see RFC 9562, section 5.7; docs/decisions/0006-ids-tell-their-time-to-live.md
 */
export const SHARDS = 64;

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether the text is an id that this service could have made. */
export function isId(text: string): boolean {
  return UUID_V7.test(text);
}

/** The creation time of an id, in milliseconds since the Unix epoch. */
export function idTime(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The shard of all data about the operation, 0 to 63. */
export function shardOf(id: string): number {
  return Number.parseInt(id.slice(-2), 16) & (SHARDS - 1);
}

/** The origin byte of the id, 0 to 255. It has no meaning in a store without origins. */
export function originOf(id: string): number {
  return Number.parseInt(id.slice(-6, -4), 16);
}

/**
 * Each step is 8 % longer; 253 steps cover the range from one second to the maximum of ten years.
 */
const STEPS = 253;
const STEP_LOG = Math.log(LIMITS.timeToLiveMsMax / LIMITS.timeToLiveMsMin) / STEPS;

/** 2 to 255, rounded down; 1 for less than a second. Never 0, which means unknown. */
function timeToLiveByte(timeToLiveMs: number): number {
  if (timeToLiveMs < LIMITS.timeToLiveMsMin) return 1;
  const steps = Math.floor(Math.log(timeToLiveMs / LIMITS.timeToLiveMsMin) / STEP_LOG);
  return 2 + Math.min(steps, STEPS);
}

/**
 * The earliest time at which the record can have expired. It may be up to 8 % of the time to live
 * too early, never too late.
 *
 * @returns milliseconds since the Unix epoch; infinity for an id without a time to live
 */
export function idExpireTime(id: string): number {
  const byte = Number.parseInt(id.slice(-4, -2), 16);
  if (byte === 0) return Number.POSITIVE_INFINITY;
  const timeToLiveMs = byte === 1 ? 0 : LIMITS.timeToLiveMsMin * Math.exp((byte - 2) * STEP_LOG);
  // One millisecond less, because the exponential may be slightly too large.
  return idTime(id) + Math.max(0, Math.floor(timeToLiveMs) - 1);
}

/** The shard of a start with a request id: the same for every repetition. */
export function shardOfRequest(parent: string, method: string, requestId: string): number {
  return shardOfText([parent, method, requestId].join("\0"));
}

/** The shard of a key that limits a method's parallel operations. */
export function shardOfParallel(method: string, key: string): number {
  return shardOfText(`${method}\0${key}`);
}

/** The shard of any text: FNV-1a over its UTF-16 code units. */
export function shardOfText(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return (hash >>> 0) % SHARDS;
}

/** Creates ids that increase strictly within one process, even if the clock stops or goes back. */
export class IdSource {
  readonly #random: Random;
  readonly #origin: number | undefined;
  #lastMs = 0;
  #counter = 0;

  /** @param origin a byte that every id carries. @default a random one for each */
  constructor(random: Random, origin?: number) {
    this.#random = random;
    this.#origin = origin;
  }

  /**
   * @param nowMs the creation time
   * @param shard the shard; by default a random one
   * @param timeToLiveMs the time to live to encode; by default none
   */
  next(nowMs: number, shard?: number, timeToLiveMs?: number): string {
    if (nowMs > this.#lastMs) {
      this.#lastMs = nowMs;
      this.#counter = 0;
    } else if (++this.#counter > 0xfff) {
      // 4,096 ids in one millisecond: borrow the next one (RFC 9562, section 6.2, method 1).
      this.#lastMs++;
      this.#counter = 0;
    }
    const bytes = this.#random.bytes(8);
    bytes[0] = 0x80 | ((bytes[0] ?? 0) & 0x3f);
    if (this.#origin !== undefined) bytes[5] = this.#origin;
    bytes[6] = timeToLiveMs === undefined ? 0 : timeToLiveByte(timeToLiveMs);
    if (shard !== undefined) bytes[7] = ((bytes[7] ?? 0) & ~(SHARDS - 1)) | shard;
    const early = Math.floor(this.#lastMs / 0x1_0000);
    const time = `${hex(early >>> 24)}${hex(early >>> 16)}${hex(early >>> 8)}${hex(early)}-${hex(this.#lastMs >>> 8)}${hex(this.#lastMs)}`;
    const counter = `${hex(0x70 | (this.#counter >>> 8))}${hex(this.#counter)}`;
    let tail = "-";
    for (let index = 2; index < 8; index++) tail += hex(bytes[index] ?? 0);
    return `${time}-${counter}-${hex(bytes[0])}${hex(bytes[1] ?? 0)}${tail}`;
  }
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The last eight bits of a number, as two digits. */
function hex(number: number): string {
  return HEX[number & 0xff] ?? "";
}
