import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { encodedName } from "../../api.ts";
import { CopyLine } from "../../parts/copy.tsx";
import { Confirm, Dialog } from "../../parts/dialog.tsx";
import { Empty, ErrorNote, Loading } from "../../parts/notes.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Ago, Time } from "../../parts/time.tsx";
import { usePolled } from "../../poll.ts";
import { href } from "../../route.ts";
import { may } from "../../state/session.ts";
import { usePageTitle } from "../../state/title.ts";
import { pingWebhook, rotateSecret, switchWebhook } from "../../state/webhook-actions.ts";
import type { WebhookDetail, WebhookEndpoint, WebhookState } from "../../wire.ts";
import { Deliveries } from "./deliveries.tsx";
import { addressOf, Counts, EndpointMark } from "./endpoint.tsx";

const EVERY_MS = 2_000;

/** The question before each action. */
type Question = "disable" | "rotate";

/** `#/webhooks/NAME`: one endpoint, its deliveries, and the actions on it. */
export function Webhook({ name }: { name: string }): JSX.Element {
  usePageTitle(name);
  const asked = usePolled<WebhookDetail>(encodedName(name), EVERY_MS);
  const detail = asked.data.value;
  const error = asked.error.value;
  const question = useSignal<Question | undefined>(undefined);
  const secret = useSignal("");
  const close = (): void => {
    question.value = undefined;
  };
  const rotate = async (): Promise<void> => {
    close();
    secret.value = (await rotateSecret(name)) ?? "";
  };
  return (
    <>
      <Head name={name} state={detail?.state} ask={(what) => (question.value = what)} />
      {error !== undefined && (
        <section class="panel">
          {error.status === 404 ? (
            <Empty title="There is no such endpoint." />
          ) : (
            <ErrorNote error={error} again={asked.readNow} />
          )}
        </section>
      )}
      {detail === undefined && error === undefined && <Loading />}
      {detail?.state !== undefined && error?.status !== 404 && (
        <div class="two">
          <div class="stack">
            <Deliveries detail={detail} />
          </div>
          <aside class="stack" aria-label="Counts and settings">
            <Hour detail={detail} state={detail.state} />
            <Settings endpoint={detail.state.endpoint ?? {}} />
          </aside>
        </div>
      )}
      {question.value === "disable" && (
        <Confirm
          title="Disable the endpoint?"
          yes="Disable"
          no="Not now"
          close={close}
          run={() => {
            close();
            void switchWebhook(name, false);
          }}
        >
          <p>It receives nothing until it is enabled again. Deliveries in progress fail.</p>
        </Confirm>
      )}
      {question.value === "rotate" && (
        <Confirm
          title="Make a new secret?"
          yes="Make it"
          no="Not now"
          close={close}
          run={() => void rotate()}
        >
          <p>
            {isByKeyPair(detail)
              ? "The receiver needs the new public key within 24 hours. Until then, events are signed with the old key, too."
              : "The receiver needs the new secret within 24 hours. Until then, events are signed with the old one, too. The new secret is shown only once."}
          </p>
        </Confirm>
      )}
      {secret.value !== "" && <NewSecret secret={secret.value} close={() => (secret.value = "")} />}
    </>
  );
}

function Head(props: {
  name: string;
  state: WebhookState | undefined;
  ask: (what: Question) => void;
}): JSX.Element {
  const { name, state } = props;
  const { endpoint = {}, failingSince } = state ?? {};
  return (
    <div class="op-head">
      <p class="crumbs">
        <a href={href("webhooks")}>Webhooks</a>
      </p>
      <div class="row">
        <h1 class="text">{name}</h1>
        {state !== undefined && <EndpointMark endpoint={endpoint} isFailing={failingSince !== undefined} />}
        {failingSince !== undefined && (
          <span class="muted">
            since <Ago at={failingSince} />
          </span>
        )}
        <span class="grow" />
        {state !== undefined && <Acts name={name} endpoint={endpoint} ask={props.ask} />}
      </div>
      {endpoint.disableReason !== undefined && <p class="warn-text text">{endpoint.disableReason}</p>}
    </div>
  );
}

/**
 * The actions that the operator may take. An endpoint in the settings can be changed only there.
 */
function Acts(props: {
  name: string;
  endpoint: WebhookEndpoint;
  ask: (what: Question) => void;
}): JSX.Element {
  const { name, endpoint, ask } = props;
  const isFixed = endpoint.fixed === true;
  const isDisabled = endpoint.state === "DISABLED";
  const change = isDisabled ? (): void => void switchWebhook(name, true) : (): void => ask("disable");
  return (
    <span class="acts">
      {may("webhookSecrets") && !isFixed && (
        <button class="button" type="button" onClick={() => ask("rotate")}>
          Rotate secret…
        </button>
      )}
      {may("webhooks") && !isFixed && (
        <button class="button" type="button" onClick={change}>
          {isDisabled ? "Enable" : "Disable…"}
        </button>
      )}
      {may("webhooks") && endpoint.url !== undefined && !isDisabled && (
        <button class="button primary" type="button" onClick={() => void pingWebhook(name)}>
          Ping
        </button>
      )}
    </span>
  );
}

/** Whether an endpoint's events are signed with a private key and verified with its public key. */
function isByKeyPair(detail: WebhookDetail | undefined): boolean {
  return detail?.state?.endpoint?.signature === "V1A";
}

function NewSecret(props: { secret: string; close: () => void }): JSX.Element {
  const isPublic = props.secret.startsWith("whpk_");
  return (
    <Dialog title={isPublic ? "The new public key" : "The new secret"} close={props.close}>
      <p>{isPublic ? "" : "It is shown only once. "}Give it to the receiver within 24 hours.</p>
      <div class="cli">
        <CopyLine text={props.secret} />
      </div>
      <div class="buttons">
        <button class="button" type="button" autofocus onClick={props.close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function Hour(props: { detail: WebhookDetail; state: WebhookState }): JSX.Element {
  return (
    <Panel
      title="Deliveries"
      note={
        <>
          since <Time at={props.detail.countedSince} precision="minutes" />
        </>
      }
    >
      <table class="keys-table">
        <thead>
          <tr>
            <th class="num">Delivered</th>
            <th class="num">Retrying</th>
            <th class="num">Failed</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <Counts state={props.state} />
          </tr>
        </tbody>
      </table>
    </Panel>
  );
}

function Settings({ endpoint }: { endpoint: WebhookEndpoint }): JSX.Element {
  const facts: readonly (readonly [title: string, value: string | undefined])[] = [
    ["Sends to", addressOf(endpoint)],
    ["Events", endpoint.eventTypes?.join(", ")],
    ["Filter", endpoint.filter],
    ["Format", endpoint.format],
    ["Payload", endpoint.payload],
    ["Public keys", endpoint.publicKeys?.join(", ")],
    ["Asks for consent", endpoint.verify === "OPTIONS" ? "yes" : undefined],
    ["Set by", endpoint.fixed === true ? "the settings of the server" : "callers"],
  ];
  return (
    <Panel title="Settings">
      <dl class="facts">
        {facts.map(([title, value]) =>
          value === undefined ? null : (
            <div key={title} class="fact">
              <dt>{title}</dt>
              <dd class="text">{value}</dd>
            </div>
          ),
        )}
      </dl>
    </Panel>
  );
}
