/**
 * Whether work grows faster than what it is done on. It is measured in processor time of this thread, so that other processes
 * do not count, and repeated until there is enough of it to be measured.
 */

/** What is worth measuring at all: less than this holds nobody up, however it grew. */
const NEGLIGIBLE_MS = 1;
/** Processor time of one measurement: the kernel counts in steps of some milliseconds. */
const MEASURED_MS = 40;
const STEP = 8;
/** Eight times the input may take eight times as long, and three times that for caches and garbage. Quadratic is 64. */
const FACTOR_MAX = 3 * STEP;
const ATTEMPTS = 4;

/**
 * @param run does the work for an input
 * @param make makes an input of a size
 * @returns what is wrong, after it was seen in every attempt; undefined where the work is in proportion
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

/** Milliseconds of one run; what it throws is part of the work. */
export function msOf<Input>(run: (input: Input) => unknown, input: Input): number {
  const began = threadMs();
  let runs = 0;
  let spent = 0;
  do {
    try {
      run(input);
    } catch {
      // A refusal.
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
