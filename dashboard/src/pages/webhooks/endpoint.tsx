import type { JSX } from "preact";
import { countText } from "../../format/number.ts";
import type { WebhookEndpoint, WebhookState } from "../../wire.ts";

/** The destination of an endpoint's events: its URL, or the hosts of callback URLs. */
export function addressOf({ url = "", callbackHosts = [] }: WebhookEndpoint): string {
  return url === "" ? `callbacks to ${callbackHosts.join(", ")}` : url;
}

/** The state of an endpoint, in one word. */
export function EndpointMark(props: { endpoint: WebhookEndpoint; isFailing: boolean }): JSX.Element {
  if (props.endpoint.state === "DISABLED") return <span class="tag warn">disabled</span>;
  return props.isFailing ? <span class="bad-text">failing</span> : <span>enabled</span>;
}

/** The cells with the counts of deliveries. */
export function Counts({ state }: { state: WebhookState }): JSX.Element {
  const { delivered = 0, retrying = 0, failed = 0 } = state;
  return (
    <>
      <td class="num" data-label="Delivered">
        {countText(delivered)}
      </td>
      <td class={`num end ${retrying > 0 ? "warn-text" : ""}`} data-label="Retrying">
        {countText(retrying)}
      </td>
      <td class={`num ${failed > 0 ? "bad-text" : ""}`} data-label="Failed">
        {countText(failed)}
      </td>
    </>
  );
}
