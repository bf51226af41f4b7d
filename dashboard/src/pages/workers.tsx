import type { JSX } from "preact";
import { aboutText } from "../format/duration.ts";
import { countedText, countOf } from "../format/number.ts";
import { instantOf } from "../format/time.ts";
import { Empty, ErrorNote, Loading } from "../parts/notes.tsx";
import { Panel } from "../parts/panel.tsx";
import { Meter } from "../parts/spark.tsx";
import { Ago, Time } from "../parts/time.tsx";
import { usePolled } from "../poll.ts";
import { href, queryValue } from "../route.ts";
import { now } from "../state/clock.ts";
import { usePageTitle } from "../state/title.ts";
import type { Summary, Workers as Answer, WorkerState } from "../wire.ts";

const EVERY_MS = 2_000;
const SUMMARY_MS = 5_000;
const SILENT_MS = 30_000;
/** After this time without news, a process counts as vanished. */
const VANISHED_MS = 60_000;

/** `#/workers`: the live processes, and the processes that vanished in the last hour. */
export function Workers(): JSX.Element {
  usePageTitle("Workers");
  const asked = usePolled<Answer>("workers", EVERY_MS);
  const workers = asked.data.value?.workers ?? [];
  const error = asked.error.value;
  const living = workers.filter((worker) => !hasVanished(worker));
  const running = living.filter((worker) => worker.role !== "api");
  return (
    <>
      <div class="head">
        <h1>Workers</h1>
      </div>
      {error !== undefined && (
        <section class="panel">
          <ErrorNote error={error} again={asked.readNow} />
        </section>
      )}
      {asked.data.value === undefined && error === undefined && <Loading />}
      {asked.data.value !== undefined && running.length === 0 && <None />}
      {workers.length > 0 && (
        <Panel title={countOf(living.length, "process", "processes")} note={<Slots workers={running} />}>
          <Table workers={workers} />
        </Panel>
      )}
    </>
  );
}

function Slots({ workers }: { workers: readonly WorkerState[] }): JSX.Element {
  const slots = workers.reduce((sum, worker) => sum + (worker.slots ?? 0), 0);
  const busy = workers.reduce((sum, worker) => sum + (worker.running ?? 0), 0);
  return (
    <>
      {busy} of {countOf(slots, "slot")} busy
    </>
  );
}

function None(): JSX.Element {
  const live = usePolled<Summary>("summary", SUMMARY_MS).data.value?.live;
  const waiting = live?.waiting ?? 0;
  const text =
    waiting === 0
      ? ""
      : ` ${countedText(waiting, live?.waitingMore)} ${waiting === 1 ? "operation waits" : "operations wait"}.`;
  return (
    <section class="panel">
      <Empty title={`No worker is running.${text}`} command="longrunning serve methods.ts --role worker">
        <p class="muted">A process with --role all or --role worker runs handlers.</p>
      </Empty>
    </section>
  );
}

function Table({ workers }: { workers: readonly WorkerState[] }): JSX.Element {
  const counts = new Map<string, number>();
  // Workers over the network have versions of their own.
  const processes = workers.filter(({ role }) => role !== "remote");
  for (const { version = "" } of processes) counts.set(version, (counts.get(version) ?? 0) + 1);
  const usual = Array.from(counts).toSorted((one, other) => other[1] - one[1])[0]?.[0];
  return (
    <div class="scroll">
      <table class="workers stackable">
        <thead>
          <tr>
            <th>Worker</th>
            <th>Host, pid</th>
            <th>Version</th>
            <th>Role</th>
            <th>Slots</th>
            <th>Methods</th>
            <th class="num">Since</th>
            <th class="num">Seen</th>
          </tr>
        </thead>
        <tbody>
          {workers.map((worker) => (
            <Row
              key={worker.worker}
              worker={worker}
              differs={processes.includes(worker) && (worker.version ?? "") !== usual}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ worker, differs }: { worker: WorkerState; differs: boolean }): JSX.Element {
  const id = worker.worker ?? "";
  const methods = worker.methods ?? [];
  return (
    <tr class={queryValue("worker") === id ? "focus" : ""}>
      <td class="mono">
        <a
          href={href("operations", { view: "running", worker: id })}
          title={`The operations that ${id} runs`}
        >
          <strong class="text">{id}</strong>
        </a>{" "}
        {worker.draining === true && <span class="tag warn">draining</span>}
      </td>
      <td class="nowrap end">
        {worker.host}, {worker.pid}
      </td>
      <td class="nowrap" data-label="Version">
        {worker.version} {differs && <span class="tag warn">differs</span>}
      </td>
      <td class="end" data-label="Role">
        {worker.role}
      </td>
      <td>
        {worker.role === "api" ? (
          <span class="muted">–</span>
        ) : (
          <Meter part={worker.running ?? 0} whole={worker.slots ?? 0} />
        )}
      </td>
      <td class="end">
        <span title={methods.join(", ")}>
          {methods.length === 0 ? "–" : methods.length === 1 ? methods[0] : countOf(methods.length, "method")}
        </span>
      </td>
      <td class="num nowrap" data-label="Since">
        <Time at={worker.startTime} precision="minutes" />
      </td>
      <td class={`num end ${isSilent(worker) ? "silent" : ""}`}>
        <Seen worker={worker} />
      </td>
    </tr>
  );
}

function silentMs(worker: WorkerState): number {
  return now.value - (instantOf(worker.seenTime) ?? now.value);
}

function hasVanished(worker: WorkerState): boolean {
  return silentMs(worker) > VANISHED_MS;
}

function isSilent(worker: WorkerState): boolean {
  return silentMs(worker) > SILENT_MS;
}

/**
 * The time of the last news of a worker. If that is long ago, also what happens to its attempts.
 */
function Seen({ worker }: { worker: WorkerState }): JSX.Element {
  if (hasVanished(worker)) {
    return (
      <span class="warn-text">
        vanished <Time at={worker.seenTime} precision="minutes" />
        {(worker.running ?? 0) > 0 && `, with ${countOf(worker.running ?? 0, "attempt")}`}
      </span>
    );
  }
  const silent = silentMs(worker);
  if (!isSilent(worker)) return <Ago at={worker.seenTime} />;
  const leases = instantOf(worker.leasesEndTime);
  const held = countOf(worker.running ?? 0, "lease");
  const verb = worker.running === 1 ? "ends" : "end";
  const rest =
    leases === undefined || leases <= now.value || (worker.running ?? 0) === 0
      ? ""
      : `, its ${held} ${verb} within ${aboutText(leases - now.value)}`;
  return (
    <span class="warn-text">
      silent {aboutText(silent)}
      {rest}
    </span>
  );
}
