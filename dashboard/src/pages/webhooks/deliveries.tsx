import type { JSX } from "preact";
import { countOf } from "../../format/number.ts";
import { Empty } from "../../parts/notes.tsx";
import { Panel } from "../../parts/panel.tsx";
import { isDone, StateMark } from "../../parts/state-mark.tsx";
import { Time } from "../../parts/time.tsx";
import { href, operationHref } from "../../route.ts";
import { may } from "../../state/session.ts";
import { redeliver } from "../../state/webhook-actions.ts";
import type { WebhookDelivery, WebhookDetail } from "../../wire.ts";

/** The newest deliveries of an endpoint. */
export function Deliveries({ detail }: { detail: WebhookDetail }): JSX.Element {
  const { deliveries = [], collection = "" } = detail;
  // A disabled endpoint would reject each new delivery.
  const canRedeliver = may("webhooks") && detail.state?.endpoint?.state !== "DISABLED";
  return (
    <Panel
      title="Newest deliveries"
      note={countOf(deliveries.length, "delivery", "deliveries")}
      link={<a href={href("operations", { collection })}>All</a>}
    >
      {deliveries.length === 0 ? (
        <Empty title="Nothing was sent in the last seven days." />
      ) : (
        <div class="scroll">
          <table class="deliveries stackable">
            <thead>
              <tr>
                <th>State</th>
                <th>Event</th>
                <th>Result</th>
                <th class="num">Tries</th>
                <th class="num">Next try</th>
                <th class="num">Created</th>
                {canRedeliver && (
                  <th>
                    <span class="vh">Action</span>
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {deliveries.map((delivery) => (
                <Row key={delivery.name} delivery={delivery} canRedeliver={canRedeliver} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Row(props: { delivery: WebhookDelivery; canRedeliver: boolean }): JSX.Element {
  const { delivery, canRedeliver } = props;
  const { name = "", state = "", subject = "", failedTries = [], status = 0 } = delivery;
  const tries = failedTries.length + (status > 0 ? 1 : 0);
  return (
    <tr>
      <td class="nowrap">
        <StateMark state={state} />
      </td>
      <td class="wide">
        <span class="text">{delivery.eventType}</span>
        <span class="sub text">
          {subject.includes("webhookEndpoints/") ? subject : <a href={operationHref(subject)}>{subject}</a>}
        </span>
      </td>
      <td class="wide text">{status > 0 ? `HTTP ${status}` : (failedTries.at(-1)?.error ?? "–")}</td>
      <td class="num" data-label="Tries">
        {tries}
      </td>
      <td class={`num nowrap ${delivery.nextTryTime === undefined ? "hide" : "end"}`} data-label="Next try">
        <Time at={delivery.nextTryTime} />
      </td>
      <td class="num nowrap" data-label="Created">
        <Time at={delivery.createTime} />
      </td>
      {canRedeliver && (
        <td class={isDone(state) ? "wide end" : "hide"}>
          {isDone(state) && (
            <button class="button" type="button" onClick={() => void redeliver(name)}>
              Redeliver<span class="vh"> {delivery.eventId}</span>
            </button>
          )}
        </td>
      )}
    </tr>
  );
}
