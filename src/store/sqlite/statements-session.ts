/**
 * The SQL texts that make a connection ready, and those around the commands of a batch.
 */

// Immediate: the lock is taken before anything is read, so that nothing read can be stale when it is written.
export const BEGIN = "begin immediate";
export const COMMIT = "commit";
export const ROLLBACK = "rollback";

/** Around a commit that need not be on the disk: the fsync of the next one takes it along. */
export const WAITING_FOR_NO_DISK = "pragma synchronous = normal";
export const WAITING_FOR_THE_DISK = "pragma synchronous = full";

/** Around one command of a batch in which another cannot be carried out. */
export const SAVEPOINT = "savepoint command";
export const RELEASE = "release command";
export const ROLLBACK_TO = "rollback to command; release command";

/** How long a statement waits for a lock. Only an operator's own tools can hold one for a moment. */
const BUSY_TIMEOUT_MS = 5_000;

/** For the connection that writes. Order matters: the journal mode comes first. */
export const WRITER_PRAGMAS = [
  // Readers and the writer do not block each other, and a commit is one append and one fsync.
  "pragma journal_mode = wal",
  // An fsync at every commit. `normal` would lose acknowledged commits at a power cut; it is also what some builds of
  // SQLite have as default for WAL, so it is never left to the build.
  "pragma synchronous = full",
  // macOS: a plain fsync leaves the data in the drive's cache, and a power cut loses it. Means nothing elsewhere.
  "pragma fullfsync = on",
  "pragma checkpoint_fullfsync = on",
  // Pages (of 4 KiB) after which the WAL is copied into the database: 16 MB. A quarter of the stalls of the default for
  // whoever waits behind one; throughput was measured to be the same from 1000 to 16000.
  "pragma wal_autocheckpoint = 4000",
  // A WAL that a long read made large is cut back to this at the next checkpoint.
  "pragma journal_size_limit = 67108864",
  `pragma busy_timeout = ${BUSY_TIMEOUT_MS}`,
  // Sorting never touches the disk.
  "pragma temp_store = memory",
  // 32 MiB of pages: the indexes' inner pages and the hot rows of some hundred thousand operations.
  "pragma cache_size = -32768",
] as const;

/** For connections that read. */
export const READER_PRAGMAS = [
  `pragma busy_timeout = ${BUSY_TIMEOUT_MS}`,
  "pragma temp_store = memory",
  "pragma cache_size = -32768",
  // Page-cache misses are read from a mapping instead of through a system call.
  "pragma mmap_size = 268435456",
] as const;

// Copies what the WAL holds into the database and empties it.
export const CHECKPOINT = "pragma wal_checkpoint(truncate)";
