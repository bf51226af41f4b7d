import { useEffect } from "preact/hooks";
import { session } from "./session.ts";

/** Names the page in the window's title. */
export function usePageTitle(title: string): void {
  const service = session.value?.service ?? "";
  useEffect(() => {
    document.title = `${title} – ${service === "" ? "longrunning" : service}`;
  }, [title, service]);
}
