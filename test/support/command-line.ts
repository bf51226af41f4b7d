import { parseArgs, type ParseArgsConfig } from "node:util";

/** The exit code of a command that was not understood, as for the program itself. */
const USAGE = 2;

type Read<Config extends ParseArgsConfig> = ReturnType<typeof parseArgs<Config>>;

/**
 * Reads the arguments of a command of this repository. Ends the process for `--help`, which it
 * prints, and for an argument that the command does not have.
 */
export function readCommandLine<const Config extends ParseArgsConfig>(
  help: string,
  config: Config,
): Read<Config> {
  const options = { ...config.options, help: { type: "boolean", default: false } } as const;
  let read: ReturnType<typeof parseArgs>;
  try {
    read = parseArgs({ ...config, options });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  if (read.values["help"] !== true) return read as Read<Config>;
  process.stdout.write(help);
  process.exit();
}

/**
 * The number in an argument. Ends the process if it is not a whole number, or too small.
 *
 * @param least @default 0
 */
export function countOf(name: string, text: string, least = 0): number {
  const count = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(count) && count >= least) return count;
  return refuse(`--${name}: expected a whole number from ${least}, got ${JSON.stringify(text)}`);
}

/** Ends the process because of a mistake in its arguments. */
export function refuse(mistake: string): never {
  process.stderr.write(`${mistake}\nThe argument --help prints all arguments.\n`);
  process.exit(USAGE);
}
