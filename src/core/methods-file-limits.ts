/** The limits of methods files, and of the cost of their JSON Schemas. A part of `LIMITS`. */
export const METHODS_FILE_LIMITS = {
  /** Reported mistakes in a methods file or a file of access rules. */
  mistakesMax: 100,
  /** A methods file, or a file of JSON Schemas, in bytes: a thousand methods of two kilobytes. */
  methodsFileBytesMax: 2_097_152,
  /**
   * The nesting depth of values: a member of a JSON Schema takes two levels, and requests have 32.
   */
  methodsFileDepthMax: 128,
  /** A secret in a file that a methods file names, in bytes: as large as an identity token. */
  methodsFileSecretBytesMax: 16_384,
  /** Methods in one file. */
  fileMethodsMax: 1_000,
  /** Files of JSON Schemas for one methods file. */
  schemaFilesMax: 100,
  /**
   * Schemas that one check of a value may enter, with cases of `anyOf` and `oneOf` counted four
   * times: a request has 20,000 values, and several schemas check each. A schema that refers to
   * itself twice would double this at each level.
   */
  schemaStepsMax: 250_000,
  /** Errors collected in one value. Each takes 0.4 µs. */
  schemaErrorsMax: 2_000,
  /** Characters that patterns may match in one check: the slowest pattern takes 0.3 µs for each. */
  schemaPatternCharactersMax: 65_536,
  /** A text of a `format`, in characters. URLs are shorter. */
  schemaFormatLengthMax: 4_096,
} as const;
