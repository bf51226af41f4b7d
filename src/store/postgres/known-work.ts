/** Work of a method on a shard, and the time from which it may be claimed. */
type Work = readonly [method: string, shard: number, availableTime: number];

/**
 * The shards of a distributed database that may have waiting work. It is a guess: other processes
 * claim work, and not all work is announced.
 */
export class KnownWork {
  /** By method and shard. */
  readonly #times = new Map<string, Map<number, number>>();

  /** Whether work of the method was ever requested. */
  hasMethod(method: string): boolean {
    return this.#times.has(method);
  }

  add(method: string, shard: number, availableTime: number): void {
    const times = this.#of(method);
    times.set(shard, Math.min(times.get(shard) ?? Number.POSITIVE_INFINITY, availableTime));
  }

  /** Forgets the work of shards. @returns the forgotten work */
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

  /** The shards with work that may be claimed at an instant, oldest work first. */
  shards(methods: readonly string[], now: number): readonly number[] {
    const oldest = new Map<number, number>();
    for (const method of methods)
      for (const [shard, time] of this.#of(method))
        if (time <= now) oldest.set(shard, Math.min(oldest.get(shard) ?? time, time));
    return [...oldest].toSorted(([a, since], [b, until]) => since - until || a - b).map(([shard]) => shard);
  }

  /** The time when the next work may be claimed; null if none is known. */
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
