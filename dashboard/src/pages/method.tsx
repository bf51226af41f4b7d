import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { ApiError } from "../api.ts";
import { Charts } from "../charts/charts.tsx";
import { HistogramPanel } from "../charts/histogram.tsx";
import { pointsOf } from "../charts/series.ts";
import { countedText, countOf, countText } from "../format/number.ts";
import { Confirm } from "../parts/dialog.tsx";
import { FailureTable } from "../parts/failure-table.tsx";
import { MethodTable, MethodTags } from "../parts/method-table.tsx";
import { Empty, ErrorNote, Loading } from "../parts/notes.tsx";
import { Panel } from "../parts/panel.tsx";
import { currentRange, type Range, RangeChoice } from "../parts/ranges.tsx";
import { StartDialog } from "../parts/start-dialog.tsx";
import { Ago, Time } from "../parts/time.tsx";
import { usePolled } from "../poll.ts";
import { href } from "../route.ts";
import { pauseMethod } from "../state/actions.ts";
import { may, session } from "../state/session.ts";
import { usePageTitle } from "../state/title.ts";
import type { KeyState, MethodDetail, MethodState } from "../wire.ts";
import { keyHref } from "./operations/question.ts";
import { LastOperations } from "./operations/last-operations.tsx";

const EVERY_MS = 5_000;

/**
 * `#/methods/METHOD`: the settings of a method, its statistics, its waiting operations and its
 * failures.
 */
export function Method({ name }: { name: string }): JSX.Element {
  usePageTitle(name);
  const range = currentRange();
  const asked = usePolled<MethodDetail>(`methods/${encodeURIComponent(name)}?range=${range.value}`, EVERY_MS);
  const detail = asked.data.value;
  const error = asked.error.value;
  const asking = useSignal<"start" | "pause" | undefined>(undefined);
  const close = (): void => {
    asking.value = undefined;
  };
  return (
    <>
      <Head name={name} state={detail?.state} ask={(what) => (asking.value = what)} />
      {error !== undefined && (
        <section class="panel">
          {error instanceof ApiError && error.status === 404 ? (
            <Empty title="There is no such method." />
          ) : (
            <ErrorNote error={error} again={asked.readNow} />
          )}
        </section>
      )}
      {detail === undefined && error === undefined && <Loading />}
      {detail !== undefined && <Parts name={name} detail={detail} range={range} old={asked.old.value} />}
      {asking.value === "start" && <StartDialog method={name} close={close} />}
      {asking.value === "pause" && <Pause name={name} state={detail?.state} close={close} />}
    </>
  );
}

function Head(props: {
  name: string;
  state: MethodState | undefined;
  ask: (what: "start" | "pause") => void;
}): JSX.Element {
  const { name, state } = props;
  const isPaused = state?.pauseTime !== undefined;
  return (
    <div class="op-head">
      <p class="crumbs">
        <a href={href("methods")}>Methods</a>
      </p>
      <div class="row">
        <h1 class="text">{name}</h1>
        {state !== undefined && <MethodTags state={state} />}
        {isPaused && (
          <span class="muted">
            paused <Ago at={state.pauseTime} />
          </span>
        )}
        <span class="grow" />
        <span class="acts">
          {state !== undefined && may("pause") && (
            <button
              class="button"
              type="button"
              onClick={() => (isPaused ? void pauseMethod(name, false) : props.ask("pause"))}
            >
              {isPaused ? "Resume" : "Pause…"}
            </button>
          )}
          {state?.declared === true && state.builtIn !== true && may("start") && (
            <button class="button primary" type="button" onClick={() => props.ask("start")}>
              Start an operation
            </button>
          )}
        </span>
      </div>
      <div class="row">
        <span class="muted text">{state?.description}</span>
        <span class="grow" />
        <RangeChoice />
      </div>
    </div>
  );
}

function Pause(props: { name: string; state: MethodState | undefined; close: () => void }): JSX.Element {
  const running = props.state?.live?.running ?? 0;
  const goOn =
    running === 0
      ? "None is running now."
      : `${countOf(running, "running attempt continues", "running attempts continue")}.`;
  return (
    <Confirm
      title={`Pause ${props.name}?`}
      yes="Pause"
      no="Not now"
      close={props.close}
      run={() => {
        props.close();
        void pauseMethod(props.name, true);
      }}
    >
      <p>No process begins new attempts. {goOn} Callers can still start operations.</p>
    </Confirm>
  );
}

function Parts(props: { name: string; detail: MethodDetail; range: Range; old: boolean }): JSX.Element {
  const { name, detail, range } = props;
  const statistics = session.value?.statistics !== false;
  const failures = detail.failures ?? [];
  const keys = detail.keys ?? [];
  return (
    <div class={`two ${props.old ? "old" : ""}`}>
      <div class="stack">
        {detail.state !== undefined && (
          <section class="panel" aria-label="Now">
            <MethodTable methods={[detail.state]} range={range} statistics={statistics} />
          </section>
        )}
        {statistics && <Charts points={pointsOf(detail.series, detail.bucket)} />}
        {statistics && (
          <div class="charts even">
            <HistogramPanel title="Time to begin" note={range.title} histogram={detail.begin} />
            <HistogramPanel title="Time to run" note={range.title} histogram={detail.run} />
          </div>
        )}
        {failures.length > 0 && (
          <Panel
            title="Failures"
            note={
              <>
                since <Time at={detail.failuresSince} precision="minutes" />
              </>
            }
            link={<a href={href("failures", { method: name, range: range.value })}>All</a>}
          >
            <FailureTable failures={failures.slice(0, 5)} range={range} />
          </Panel>
        )}
        <LastOperations method={name} />
      </div>
      <aside class="stack" aria-label="Settings and keys">
        <Settings detail={detail} />
        {keys.length > 0 && <Keys method={name} keys={keys} limit={detail.state?.parallelLimit ?? 0} />}
      </aside>
    </div>
  );
}

function Settings({ detail }: { detail: MethodDetail }): JSX.Element {
  const settings = detail.settings ?? [];
  return (
    <Panel title="Settings in force">
      {settings.length === 0 ? (
        <p class="note muted">Unknown, because this server does not declare the method.</p>
      ) : (
        <dl class="facts">
          {settings.map((setting) => (
            <div key={setting.name} class="fact">
              <dt>{setting.name}</dt>
              <dd class="text">{setting.value}</dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
}

function Keys(props: { method: string; keys: readonly KeyState[]; limit: number }): JSX.Element {
  return (
    <Panel
      title="Most blocked keys"
      link={<a href={href("operations", { view: "blocked", method: props.method })}>Show</a>}
    >
      <table class="keys-table">
        <thead>
          <tr>
            <th>Key</th>
            <th class="num">Blocked</th>
            <th class="num">Held</th>
            <th class="num">Oldest</th>
          </tr>
        </thead>
        <tbody>
          {props.keys.map((key) => (
            <tr key={key.key}>
              <td>
                <a
                  class="link text"
                  href={keyHref(props.method, key.key ?? "")}
                  title="The holder, and the operations that wait"
                >
                  {key.key}
                </a>
              </td>
              <td class="num">{countedText(key.blocked, key.blockedMore)}</td>
              <td class="num">
                {countText(key.held ?? 0)}
                {props.limit > 0 && <span class="muted"> / {props.limit}</span>}
              </td>
              <td class="num">
                <Time at={key.oldestBlocked} precision="minutes" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
