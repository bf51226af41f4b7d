/** The limits of files that declare methods without code, and of what their JSON Schemas may cost. A part of `LIMITS`. */
export const METHODS_FILE_LIMITS = {
  /** Mistakes that are told at once of a file that people write: of methods, or of the rules of access. */
  mistakesMax: 100,
  /** A file of methods, or a file of JSON Schemas beside it, in bytes: a thousand methods of two kilobytes. */
  methodsFileBytesMax: 2_097_152,
  /** How deep values may lie in each other: a member of a JSON Schema costs two levels, and requests have 32. */
  methodsFileDepthMax: 128,
  /** A secret in a file that a file of methods names, in bytes: as large as a token of identity. */
  methodsFileSecretBytesMax: 16_384,
  /** Methods in one file. */
  fileMethodsMax: 1_000,
  /** Files of JSON Schemas beside it. */
  schemaFilesMax: 100,
  /**
   * Schemas that one check of a value may enter, cases of `anyOf` and `oneOf` fourfold: a request has 20,000 values, each of them
   * is checked by some. A schema that refers to itself twice would enter twice as many at each level.
   */
  schemaStepsMax: 250_000,
  /** Errors that are looked for in one value. Each takes 0.4 µs. */
  schemaErrorsMax: 2_000,
  /** Characters that one check may match with patterns: the slowest pattern takes 0.3 µs for each. */
  schemaPatternCharactersMax: 65_536,
  /** A text of a `format`, in characters. Addresses are shorter. */
  schemaFormatLengthMax: 4_096,
} as const;
