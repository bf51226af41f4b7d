import assert from "node:assert/strict";
import type { Socket } from "node:net";
import type { Clock } from "../core/ports/clock.ts";
import { LIMITS } from "../core/limits.ts";
import { assertNothingLeft } from "../testing/left-behind.ts";
import { settled } from "../testing/manual-clock.ts";
import { AnswerCache } from "./answer-cache.ts";
import { tooManyBodies } from "./sharing/body-room.ts";
import { Room } from "./sharing/room.ts";
import { tooManyPages } from "./sharing/page-room.ts";
import type { Share } from "./sharing/share.ts";
import { assertShareIsIdle } from "./sharing/share-left.suite.ts";
import { Shares } from "./sharing/shares.ts";

/**
 * Shares that remember their connections, so that a test can check whether all places were given
 * back.
 */
export class CountedShares extends Shares {
  readonly #given = new Map<Share, number>();

  constructor(clock: Clock) {
    const pages = new Room(clock, LIMITS.pageRoomBytes, tooManyPages);
    super(clock, new Room(clock, LIMITS.batchBytesMax, tooManyBodies), pages);
  }

  override ofSocket(socket: Socket): Share {
    return this.#note(super.ofSocket(socket), LIMITS.pipelinedCallsMax);
  }

  override ofSession(session: object): Share {
    return this.#note(super.ofSession(session), LIMITS.connectionCallsMax);
  }

  /**
   * Fails if a closed connection still has open calls, or places that were not given back.
   *
   * @param turns of the event loop that ends of its streams may take to arrive
   */
  async assertIdle(turns: number): Promise<void> {
    for (let turn = 0; turn < turns && !this.bodies.isIdle; turn++) await settled(1);
    assert.ok(this.bodies.isIdle, "all bodies have given their room back");
    assert.ok(this.pages.isIdle, "all pages have given their room back");
    for (const [share, callsMax] of this.#given) {
      for (let turn = 0; turn < turns && !share.isIdle; turn++) await settled(1);
      await assertShareIsIdle(share, callsMax, () => settled(1));
    }
  }

  #note(share: Share, callsMax: number): Share {
    this.#given.set(share, callsMax);
    return share;
  }
}

/** Some seconds, which only a test that fails takes. */
const TURNS = 1_000_000;

/** All answer caches of this process that have issued a ticket. */
const caches = new Set<AnswerCache<unknown>>();
const begin: AnswerCache<unknown>["begin"] = Reflect.get(AnswerCache.prototype, "begin");
AnswerCache.prototype.begin = function noted(this: AnswerCache<unknown>, id: string) {
  caches.add(this);
  return begin.call(this, id);
};

/** The number of sockets and sessions of this process. */
function connections(): number {
  return process.getActiveResourcesInfo().filter((name) => /^(?:TCP|TLS|HTTP2SESSION)/i.test(name)).length;
}

/**
 * Counts the resources of a server, from before it opens.
 *
 * @param turns of the event loop that ends may take to arrive
 * @returns a function that fails the test if something is left after the server has closed
 */
export function countServer(shares: CountedShares, turns = TURNS): () => Promise<void> {
  const before = connections();
  // Ignore caches of tests without a server.
  caches.clear();
  return async () => {
    for (let turn = 0; turn < turns && connections() > before; turn++) await settled(1);
    let tickets = 0;
    for (const cache of caches) tickets += cache.underWay;
    caches.clear();
    assertNothingLeft({ connections: Math.max(0, connections() - before), "answers being made": tickets });
    await shares.assertIdle(turns);
  };
}
