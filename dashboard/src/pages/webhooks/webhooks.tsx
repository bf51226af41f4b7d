import type { JSX } from "preact";
import { countOf } from "../../format/number.ts";
import { Empty, ErrorNote, Loading } from "../../parts/notes.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Time } from "../../parts/time.tsx";
import { usePolled } from "../../poll.ts";
import { href } from "../../route.ts";
import { session } from "../../state/session.ts";
import { usePageTitle } from "../../state/title.ts";
import type { Webhooks as Answer, WebhookState } from "../../wire.ts";
import { addressOf, Counts, EndpointMark } from "./endpoint.tsx";

const EVERY_MS = 5_000;

/** `#/webhooks`: the endpoints of all parents. */
export function Webhooks(): JSX.Element {
  usePageTitle("Webhooks");
  const asked = usePolled<Answer>("webhookEndpoints", EVERY_MS);
  const answer = asked.data.value;
  const error = asked.error.value;
  const webhooks = answer?.webhooks ?? [];
  return (
    <>
      <div class="head">
        <h1>Webhooks</h1>
      </div>
      {error !== undefined && (
        <section class="panel">
          <ErrorNote error={error} again={asked.readNow} />
        </section>
      )}
      {answer === undefined && error === undefined && <Loading />}
      {answer !== undefined && webhooks.length === 0 && (
        <section class="panel">
          {session.value?.webhooks === true ? (
            <Empty title="No endpoint yet." command="longrunning webhooks create PARENT --url https://…" />
          ) : (
            <Empty title="This server has no webhooks." command="longrunning serve methods.ts --webhooks" />
          )}
        </section>
      )}
      {answer !== undefined && webhooks.length > 0 && (
        <Panel
          title={countOf(webhooks.length, "endpoint")}
          note={
            <>
              deliveries since <Time at={answer.countedSince} precision="minutes" />
            </>
          }
        >
          <Table webhooks={webhooks} />
        </Panel>
      )}
    </>
  );
}

function Table({ webhooks }: { webhooks: readonly WebhookState[] }): JSX.Element {
  return (
    <div class="scroll">
      <table class="webhooks stackable">
        <thead>
          <tr>
            <th>Endpoint</th>
            <th>State</th>
            <th>Events</th>
            <th class="num">Failing since</th>
            <th class="num">Delivered</th>
            <th class="num">Retrying</th>
            <th class="num">Failed</th>
          </tr>
        </thead>
        <tbody>
          {webhooks.map((state) => (
            <Row key={state.endpoint?.name} state={state} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ state }: { state: WebhookState }): JSX.Element {
  const { endpoint = {}, failingSince } = state;
  const events = endpoint.eventTypes ?? [];
  return (
    <tr>
      <td class="wide">
        <a href={href(`webhooks/${endpoint.name ?? ""}`)}>
          <strong class="text">{endpoint.name}</strong>
        </a>{" "}
        {endpoint.fixed === true && <span class="tag">settings</span>}
        <span class="sub text">{addressOf(endpoint)}</span>
      </td>
      <td class="wide">
        <EndpointMark endpoint={endpoint} isFailing={failingSince !== undefined} />
        {endpoint.disableReason !== undefined && <span class="sub text">{endpoint.disableReason}</span>}
      </td>
      <td class="wide">
        <span class="text">{events.map((each) => each.replace(/^operation\./, "")).join(", ")}</span>
      </td>
      <td class={`num nowrap ${failingSince === undefined ? "hide" : "wide"}`} data-label="Failing since">
        {failingSince === undefined ? (
          <span class="muted">–</span>
        ) : (
          <Time at={failingSince} precision="minutes" />
        )}
      </td>
      <Counts state={state} />
    </tr>
  );
}
