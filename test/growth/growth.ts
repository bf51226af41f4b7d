/**
 * Whether work grows faster than its input. The measure is the processor time of this thread, so
 * other processes do not count. Runs are repeated until there is enough time to measure.
 */

/** Less processor time than this is not worth measuring: it delays nobody, however it grows. */
const NEGLIGIBLE_MS = 1;
/** The processor time of one measurement: the kernel counts in steps of some milliseconds. */
const MEASURED_MS = 40;
const STEP = 8;
/**
 * Eight times the input may take eight times as long, and three times that to allow for caches and
 * garbage. Quadratic growth is 64.
 */
const FACTOR_MAX = 3 * STEP;
const ATTEMPTS = 4;

/**
 * @param run does the work for an input
 * @param make makes an input of a size
 * @returns the problem, if every attempt showed it; undefined if the work is proportional
 */
export function growthOf<Input>(
  run: (input: Input) => unknown,
  make: (size: number) => Input,
  largest: number,
): string | undefined {
  const smallest = Math.floor(largest / STEP);
  const [small, large] = [make(smallest), make(largest)];
  let seen = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [less, more] = [msOf(run, small), msOf(run, large)];
    if (more < NEGLIGIBLE_MS || more <= FACTOR_MAX * Math.max(less, NEGLIGIBLE_MS / STEP)) return undefined;
    seen = `a size of ${smallest} took ${less.toFixed(2)} ms, one of ${largest} took ${more.toFixed(2)} ms`;
  }
  return seen;
}

/** Milliseconds of one run; exceptions are part of the work. */
export function msOf<Input>(run: (input: Input) => unknown, input: Input): number {
  const began = threadMs();
  let runs = 0;
  let spent = 0;
  do {
    try {
      run(input);
    } catch {
      // The input is refused.
    }
    runs++;
    spent = threadMs() - began;
  } while (spent < MEASURED_MS && runs < 10_000);
  return spent / runs;
}

/** Processor time of this thread so far, in milliseconds. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
