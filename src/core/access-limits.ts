/** The limits of the rules that say who may do what. They are a part of `LIMITS`. */
export const ACCESS_LIMITS = {
  /** A file of rules, in bytes: ten thousand grants of a hundred characters, and as much again. */
  rulesBytesMax: 2_097_152,
  /** How deep values may lie in each other. The deepest that means something lies five deep. */
  rulesDepthMax: 32,
  /** Parents that one list over several collections is narrowed to: its statement names each of them twice. */
  listParentsMax: 100,
  /** Permissions that are asked about in one call. Google's services take as many. */
  testedPermissionsMax: 100,
  /** The condition of a grant, in characters. */
  conditionLengthMax: 2_000,
  /** All patterns of a condition together, with counted repetitions written out: some milliseconds for the longest name. */
  conditionPatternsMax: 100,
} as const;
