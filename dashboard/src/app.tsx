import { computed, effect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Foot } from "./parts/foot.tsx";
import { KeyList } from "./parts/key-list.tsx";
import { NoticeList } from "./parts/notice-list.tsx";
import { TokenDialog } from "./parts/token-dialog.tsx";
import { TopBar } from "./parts/top-bar.tsx";
import { Failures } from "./pages/failures.tsx";
import { Method } from "./pages/method.tsx";
import { Methods } from "./pages/methods.tsx";
import { Operation } from "./pages/operation/operation.tsx";
import { Operations } from "./pages/operations/operations.tsx";
import { Overview } from "./pages/overview.tsx";
import { Webhook } from "./pages/webhooks/webhook.tsx";
import { Webhooks } from "./pages/webhooks/webhooks.tsx";
import { Workers } from "./pages/workers.tsx";
import { usePolled } from "./poll.ts";
import { operationOf, route } from "./route.ts";
import { setClock } from "./state/clock.ts";
import { lostSince, paused } from "./state/live.ts";
import { session } from "./state/session.ts";
import type { Session } from "./wire.ts";
import { Unknown } from "./pages/unknown.tsx";

const SESSION_MS = 60_000;

/** The page that a path shows. A new key means a different page. */
function pageOf(path: string): { readonly key: string; readonly page: JSX.Element } {
  if (path === "") return { key: "overview", page: <Overview /> };
  if (path === "operations") return { key: path, page: <Operations /> };
  if (path.startsWith("operations/")) {
    const name = operationOf(path);
    return { key: path, page: <Operation key={name} name={name} /> };
  }
  if (path === "methods") return { key: path, page: <Methods /> };
  if (path.startsWith("methods/")) {
    const method = path.slice("methods/".length);
    return { key: path, page: <Method key={method} name={method} /> };
  }
  if (path === "workers") return { key: path, page: <Workers /> };
  if (path === "webhooks") return { key: path, page: <Webhooks /> };
  if (path.startsWith("webhooks/")) {
    const name = path.slice("webhooks/".length);
    return { key: path, page: <Webhook key={name} name={name} /> };
  }
  if (path === "failures") return { key: path, page: <Failures /> };
  return { key: path, page: <Unknown /> };
}

const path = computed(() => route.value.path);

/**
 * Moves the focus to the top of the page after a step to another page, but not at the first page.
 */
function useFocusOnNewPage(key: string): { readonly current: HTMLElement | null } {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(key);
  useEffect(() => {
    if (shown.current !== key) {
      shown.current = key;
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
  }, [key]);
  return main;
}

export function App(): JSX.Element {
  const asked = usePolled<Session>("session", SESSION_MS);
  useEffect(
    () =>
      effect(() => {
        if (asked.data.value === undefined) return;
        session.value = asked.data.value;
        setClock(asked.data.value.time);
      }),
    [asked],
  );
  const { key, page } = pageOf(path.value);
  const main = useFocusOnNewPage(key);
  const quiet = lostSince.value !== undefined || paused.value;
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to content
      </a>
      <TopBar section={path.value.split("/")[0] ?? ""} />
      <main id="main" tabIndex={-1} ref={main} class={quiet ? "quiet" : ""}>
        {page}
        <Foot />
      </main>
      <NoticeList />
      <KeyList />
      <TokenDialog />
    </>
  );
}
