import postgres from "postgres";
import { run } from "../load.ts";
import type { Further } from "./further.ts";
import { callsOf, Ours, runningAt } from "./ours.ts";

const CALLERS = 64;

export const held: Further = {
  name: "held-transaction",
  title:
    "64 callers while another session holds a REPEATABLE READ transaction open, against 64 callers without it",
  async run(stage) {
    const store = await stage.database();
    await using ours = new Ours(stage, store);
    const { url } = await ours.serve("api");
    await ours.serve("worker");
    const running = runningAt(url, callsOf("echo", {}));
    const { heldSeconds, warmUpSeconds } = stage.size;
    const part = Math.max(2, heldSeconds / 10);
    await run(running, { callers: CALLERS, seconds: warmUpSeconds });
    const without = await run(running, { callers: CALLERS, seconds: part });
    const release = await hold(store.address);
    const early = await run(running, { callers: CALLERS, seconds: heldSeconds - part });
    const late = await run(running, { callers: CALLERS, seconds: part });
    await release();
    return {
      figures: {
        "seconds held": heldSeconds,
        "operations/s without": without.perSecond,
        "operations/s while held": early.perSecond,
        "operations/s in the last tenth of it": late.perSecond,
        "p99 ms without": without.p99Ms,
        "p99 ms in the last tenth": late.p99Ms,
      },
      checks: [
        {
          what: "rate in the last tenth, share of that without",
          value: late.perSecond / without.perSecond,
          limit: 0.8,
          rule: "at least",
        },
      ],
      notes: [
        "A held transaction prevents PostgreSQL from removing rows that have been changed since the transaction began.",
      ],
    };
  },
};

/** Opens a transaction with a snapshot. @returns a function that ends it */
async function hold(address: string): Promise<() => Promise<void>> {
  const sql = postgres(address, { max: 1, onnotice: () => {} });
  const session = await sql.reserve();
  await session`set idle_in_transaction_session_timeout = 0`;
  await session`begin isolation level repeatable read`;
  await session`select count(*) from pg_class`;
  return async () => {
    await session`rollback`;
    session.release();
    await sql.end();
  };
}
