/** The SQL texts that configure a connection, and those around the commands of a batch. */

// Immediate: SQLite takes the lock before the first read, so nothing read can be stale when it is
// written.
export const BEGIN = "begin immediate";
export const COMMIT = "commit";
export const ROLLBACK = "rollback";

/** Around a commit that need not be on disk: the fsync of the next commit makes it durable. */
export const WAITING_FOR_NO_DISK = "pragma synchronous = normal";
export const WAITING_FOR_THE_DISK = "pragma synchronous = full";

/** Around each command, after a command of the batch has failed. */
export const SAVEPOINT = "savepoint command";
export const RELEASE = "release command";
export const ROLLBACK_TO = "rollback to command; release command";

/**
 * The time that a statement waits for a lock. Only an operator's own tools can hold one, and only
 * for a moment.
 */
const BUSY_TIMEOUT_MS = 5_000;

/** For the connection that writes. Order matters: the journal mode comes first. */
export const WRITER_PRAGMAS = [
  // Readers and the writer do not block each other, and a commit is one append and one fsync.
  "pragma journal_mode = wal",
  // An fsync at every commit. `normal` would lose acknowledged commits at a power cut. Some builds
  // of SQLite have it as their default for WAL, so the level is always set.
  "pragma synchronous = full",
  // macOS: a plain fsync leaves the data in the drive's cache, and a power cut loses it. No effect
  // on other systems.
  "pragma fullfsync = on",
  "pragma checkpoint_fullfsync = on",
  // The size of the WAL, in pages of 4 KiB, at which it is copied into the database: 16 MB. This
  // causes a quarter of the stalls of the default; throughput was the same from 1000 to 16000
  // pages.
  "pragma wal_autocheckpoint = 4000",
  // The next checkpoint cuts a WAL that a long read enlarged back to this size.
  "pragma journal_size_limit = 67108864",
  `pragma busy_timeout = ${BUSY_TIMEOUT_MS}`,
  // Sorting never touches the disk.
  "pragma temp_store = memory",
  // 32 MiB of pages: the inner pages of the indexes and the hot rows of a few hundred thousand
  // operations.
  "pragma cache_size = -32768",
] as const;

/** For connections that read. */
export const READER_PRAGMAS = [
  `pragma busy_timeout = ${BUSY_TIMEOUT_MS}`,
  "pragma temp_store = memory",
  "pragma cache_size = -32768",
  // Page-cache misses are read from a mapping instead of through a system call. This is the most that
  // SQLite maps, 2 GiB: addresses, not memory. With 256 MiB, a read of a file of 440 MB took a tenth
  // more of the processor.
  "pragma mmap_size = 2147418112",
] as const;

// Copies the content of the WAL into the database and empties the WAL.
export const CHECKPOINT = "pragma wal_checkpoint(truncate)";
