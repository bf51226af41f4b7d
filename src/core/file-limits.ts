/** The limits of files that operators name in settings. They are a part of `LIMITS`. */
export const FILE_LIMITS = {
  /**
   * A configuration file, a file of webhook endpoints, a PEM file, or a request in a file, in
   * bytes: the authorities of all browsers have a quarter of a megabyte.
   */
  settingsFileBytesMax: 4_194_304,
  /** A descriptor set, in bytes: all of Google's APIs with their comments have a quarter of it. */
  descriptorsBytesMax: 268_435_456,
  /** The time for a program to open the other end of a FIFO, or to take from a full one. */
  fifoOtherEndMsMax: 10_000,
  /** The time between two looks at a FIFO without data or room. */
  fifoPauseMs: 10,
  /** The time after which the log names a module of the user that is still loading. */
  moduleLoadingMs: 10_000,
} as const;
