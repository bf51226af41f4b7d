import * as fc from "fast-check";
import type { Harness } from "./harness.ts";
import type { Oracle } from "./oracle.ts";
import type { Tally } from "./tally.ts";

/** What every command has to hand. */
export interface Bench {
  readonly oracle: Oracle;
  readonly harness: Harness;
}

/** What a kind of command is described by. */
interface CommandKindOptions<Given> {
  readonly kind: string;
  readonly given: fc.Arbitrary<Given>;
  /** How often it is drawn. @default 1 */
  readonly weight?: number;
  /** Needs a store that outlives its process. @default false */
  readonly onDisk?: boolean;
  /**
   * Carries it out on the engine and on the oracle and compares the answers.
   *
   * @returns whether it succeeded; false where it was refused, or found nothing to do
   */
  run(bench: Bench, given: Given): Promise<boolean>;
}

/** A command that fast-check can draw, print and leave out. */
type DrawnCommand = fc.AsyncCommand<Oracle, Harness>;

/** A kind of command, whatever it is given. */
export interface CommandKind {
  readonly kind: string;
  readonly onDisk: boolean;
  /** The commands of the kind, as often as its weight says. After each one everything that is kept is compared. */
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
