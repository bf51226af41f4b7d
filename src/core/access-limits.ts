/** The limits of access rules. They are a part of `LIMITS`. */
export const ACCESS_LIMITS = {
  /** A rules file, in bytes: ten thousand grants of a hundred characters, and as much again. */
  rulesBytesMax: 2_097_152,
  /** The nesting depth of values. Valid files have at most five levels. */
  rulesDepthMax: 32,
  /**
   * Parents to which a list over several collections is narrowed: its statement contains each of
   * them twice.
   */
  listParentsMax: 100,
  /** Permissions in one test. Google's services allow as many. */
  testedPermissionsMax: 100,
  /** The condition of a grant, in characters. */
  conditionLengthMax: 2_000,
  /**
   * All patterns of a condition together, with counted repetitions expanded: some milliseconds for
   * the longest name.
   */
  conditionPatternsMax: 100,
} as const;
