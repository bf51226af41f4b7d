import { LIMITS } from "../limits.ts";
import type { Random } from "../ports/random.ts";

/**
 * Ids are UUIDs of version 7: ordered by time, so that newer operations sort after older ones, and they tell their own age.
 * The last six bits are the operation's shard (design: a Get finds the shard without a lookup), and the byte before the last
 * tells how long the finished operation is kept, so that expired is not unknown once the record is gone. The byte before that is
 * the origin: where processes tell each other of ends, it says in which of them the operation was begun.
 *
 * @see RFC 9562, section 5.7; docs/decisions/0006-ids-tell-their-time-to-live.md
 */
export const SHARDS = 64;

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether the text is an id that this service could have made. */
export function isId(text: string): boolean {
  return UUID_V7.test(text);
}

/** Milliseconds since the Unix epoch at which the id was made. */
export function idTime(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The bucket, 0 to 63, that everything about the operation is stored in. */
export function shardOf(id: string): number {
  return Number.parseInt(id.slice(-2), 16) & (SHARDS - 1);
}

/** What its process put into the id, 0 to 255. Means nothing where no process is known to put it there. */
export function originOf(id: string): number {
  return Number.parseInt(id.slice(-6, -4), 16);
}

/** One step up is 8 % longer: 253 steps lead from a second to the longest time to live there is, ten years. */
const STEPS = 253;
const STEP_LOG = Math.log(LIMITS.timeToLiveMsMax / LIMITS.timeToLiveMsMin) / STEPS;

/** 2 to 255, rounded down, never up; 1 for what is shorter than a second; 0, which tells nothing, is never answered. */
function timeToLiveByte(timeToLiveMs: number): number {
  if (timeToLiveMs < LIMITS.timeToLiveMsMin) return 1;
  const steps = Math.floor(Math.log(timeToLiveMs / LIMITS.timeToLiveMsMin) / STEP_LOG);
  return 2 + Math.min(steps, STEPS);
}

/**
 * Before when the record of this id cannot have been removed because of its time to live. Up to 8 % of the time to live too
 * early, never too late.
 *
 * @returns milliseconds since the Unix epoch; infinity for an id that tells no time to live
 */
export function idExpireTime(id: string): number {
  const byte = Number.parseInt(id.slice(-4, -2), 16);
  if (byte === 0) return Number.POSITIVE_INFINITY;
  const timeToLiveMs = byte === 1 ? 0 : LIMITS.timeToLiveMsMin * Math.exp((byte - 2) * STEP_LOG);
  // Less a millisecond, for what the exponential may be too large by.
  return idTime(id) + Math.max(0, Math.floor(timeToLiveMs) - 1);
}

/** The bucket of a start with a request id: the same for every attempt to start it. */
export function shardOfRequest(parent: string, method: string, requestId: string): number {
  return shardOfText([parent, method, requestId].join("\0"));
}

/** The bucket of a key by which a method limits its operations in parallel. */
export function shardOfParallel(method: string, key: string): number {
  return shardOfText(`${method}\0${key}`);
}

/** The bucket of whatever a text names. FNV-1a over the UTF-16 code units. */
export function shardOfText(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return (hash >>> 0) % SHARDS;
}

/** Makes ids that never go back within one process, also when the clock does or stands still. */
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
   * @param shard the bucket wanted; by default a random one
   * @param timeToLiveMs how long the finished operation is to be kept; by default the id tells nothing of it
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
