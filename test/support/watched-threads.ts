/** Runs an action while new threads behave as under `node --watch`: they report their modules. */
export async function asUnderWatch<Result>(action: () => Promise<Result>): Promise<Result> {
  const before = process.env[VARIABLE];
  process.env[VARIABLE] = "1";
  try {
    return await action();
  } finally {
    if (before === undefined) delete process.env[VARIABLE];
    else process.env[VARIABLE] = before;
  }
}

/** Node's own `--watch` sets this in the process that it starts; each thread gets a copy. */
const VARIABLE = "WATCH_REPORT_DEPENDENCIES";
