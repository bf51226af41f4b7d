/** The limits of watching. They are a part of `LIMITS`. */
export const WATCH_LIMITS = {
  /** A watch in which nothing happens says that it lives: proxies cut a silent connection after a minute. */
  watchSilenceMs: 15_000,
  /** Who watches and has not taken what was sent for so long is cut off. */
  watchUndrainedMs: 30_000,
  /** A watch is ended after this; whoever watches again is authenticated anew. */
  watchMsMax: 1_800_000,
  /** When the server stops, watches end from the first to the second time later, so that not all come back at once. */
  watchStopMsMin: 1_000,
  watchStopMsMax: 5_000,
  /** Who watches with EventSource comes back after this. */
  watchRetryMs: 1_000,
  /** Operations that a watch of a collection begins with, the newest: what a page shows. */
  watchedNewestMax: 1_000,
  /** Of what those who watch a collection with one filter were told, so many are remembered: some hundred kilobytes. */
  watchedMembersMax: 4_000,
  /** The same of all in a process: some hundred megabytes. */
  watchedMembersAllMax: 500_000,
  /** Filters on one collection that are watched, and on all with wildcards: each change is compared with each of them. */
  watchedFiltersMax: 64,
  /** One tenant, or one caller, may be the first with this fraction of the filters that are left, and with one at least. */
  watchedFiltersShare: 4,
  /** What waits for one who watches a collection and does not read, in bytes. More ends the watch. */
  watchPendingBytesMax: 8_388_608,
  /** The same for all of an interface. */
  watchPendingBytesAllMax: 268_435_456,
  /** For one may wait this fraction of what is left for all and no more, so that a few who do not read end no other's watch. */
  watchPendingShare: 8,
  /** Records that have changed and wait to be read for those who watch collections. One more ends the watches that most of them are of. */
  watchReadsMax: 10_000,
} as const;
