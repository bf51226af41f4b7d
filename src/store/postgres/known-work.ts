/** Work of a method on a shard, and since or from when it may be taken. */
type Work = readonly [method: string, shard: number, availableTime: number];

/** On which shards of a distributed database work may be waiting. A guess: others take it, and of some nobody tells. */
export class KnownWork {
  /** By method and shard. */
  readonly #times = new Map<string, Map<number, number>>();

  /** Whether anybody has asked for work of the method. */
  hasMethod(method: string): boolean {
    return this.#times.has(method);
  }

  add(method: string, shard: number, availableTime: number): void {
    const times = this.#of(method);
    times.set(shard, Math.min(times.get(shard) ?? Number.POSITIVE_INFINITY, availableTime));
  }

  /** Forgets what is known of shards. @returns what it was */
  take(methods: readonly string[], shards: readonly number[]): readonly Work[] {
    const taken: Work[] = [];
    for (const method of methods) {
      const times = this.#of(method);
      for (const shard of shards) {
        const time = times.get(shard);
        if (time !== undefined) taken.push([method, shard, time]);
        times.delete(shard);
      }
    }
    return taken;
  }

  /** The shards with work that may be taken at an instant, the oldest first. */
  shards(methods: readonly string[], now: number): readonly number[] {
    const oldest = new Map<number, number>();
    for (const method of methods)
      for (const [shard, time] of this.#of(method))
        if (time <= now) oldest.set(shard, Math.min(oldest.get(shard) ?? time, time));
    return [...oldest].toSorted(([a, since], [b, until]) => since - until || a - b).map(([shard]) => shard);
  }

  /** When the next work may be taken; null where none is known. */
  nextTime(methods: readonly string[]): number | null {
    const times = methods.flatMap((method) => [...this.#of(method).values()]);
    return times.length === 0 ? null : Math.min(...times);
  }

  #of(method: string): Map<number, number> {
    let times = this.#times.get(method);
    if (times === undefined) this.#times.set(method, (times = new Map()));
    return times;
  }
}
