import * as fc from "fast-check";
import type { Harness } from "./harness.ts";
import type { Oracle } from "./oracle.ts";
import type { Tally } from "./tally.ts";

/** The inputs of every command. */
export interface Bench {
  readonly oracle: Oracle;
  readonly harness: Harness;
}

/** The description of a kind of command. */
interface CommandKindOptions<Given> {
  readonly kind: string;
  readonly given: fc.Arbitrary<Given>;
  /** Its relative frequency. @default 1 */
  readonly weight?: number;
  /** Whether it needs a store that outlives its process. @default false */
  readonly onDisk?: boolean;
  /**
   * Runs it on the engine and on the oracle, and compares the answers.
   *
   * @returns whether it succeeded; false if it was refused, or had nothing to do
   */
  run(bench: Bench, given: Given): Promise<boolean>;
}

/** A command that fast-check can generate, print and leave out. */
type DrawnCommand = fc.AsyncCommand<Oracle, Harness>;

/** A kind of command, with any parameters. */
export interface CommandKind {
  readonly kind: string;
  readonly onDisk: boolean;
  /**
   * The commands of the kind, as often as its weight says. After each command all stored records
   * are compared.
   */
  commands(tally: Tally): fc.Arbitrary<DrawnCommand>[];
}

/** Describes a kind of command. */
export function commandKind<Given>(options: CommandKindOptions<Given>): CommandKind {
  const { kind, weight = 1, onDisk = false } = options;
  const command = (given: Given, tally: Tally): DrawnCommand => ({
    check: () => true,
    run: async (oracle, harness) => {
      const succeeded = await options.run({ oracle, harness }, given);
      await harness.check(oracle);
      tally.count(kind, succeeded);
    },
    toString: () => `${kind}(${fc.stringify(given)})`,
  });
  return {
    kind,
    onDisk,
    commands: (tally) => {
      const arbitrary = options.given.map((given) => command(given, tally));
      return Array.from({ length: weight }, () => arbitrary);
    },
  };
}
