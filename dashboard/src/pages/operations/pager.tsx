import type { JSX } from "preact";
import { countText } from "../../format/number.ts";
import { Time } from "../../parts/time.tsx";
import { go, hrefWith, queryValue, route } from "../../route.ts";
import { PAGE_SIZE } from "./question.ts";
import type { LiveList } from "./use-list.ts";

const NAME = "longrunning.pages";

/**
 * The page before each page. Lists have only forward links, so the way back is stored while the tab
 * is open.
 */
function earlierPages(): Record<string, string> {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}

export function goOlder(list: LiveList): void {
  const reach = list.reach.peek();
  if (reach === undefined || reach.next === "") return;
  try {
    const pages = { ...earlierPages(), [reach.next]: route.peek().query.toString() };
    sessionStorage.setItem(NAME, JSON.stringify(Object.fromEntries(Object.entries(pages).slice(-100))));
  } catch {
    // Without storage, "Newer" leads to the first page.
  }
  go(hrefWith({ page: reach.next, since: reach.since }));
}

export function goNewer(): void {
  const page = queryValue("page");
  if (page === "") return;
  const before = earlierPages()[page];
  go(before === undefined ? hrefWith({ page: undefined, since: undefined }) : `#/operations?${before}`);
}

/** How far back the search went, and the links to older operations. */
export function Pager({ list }: { list: LiveList }): JSX.Element {
  const reach = list.reach.value;
  const short = list.list.value.shown.length < PAGE_SIZE;
  const more = reach !== undefined && reach.next !== "";
  return (
    <div class="pager">
      <span>
        {reach !== undefined && (
          <>
            Looked at {countText(reach.lookedAt)} {reach.lookedAt === 1 ? "operation" : "operations"}
            {reach.lookedBackTo !== undefined && (
              <>
                {" "}
                back to <Time at={reach.lookedBackTo} precision="minutes" />
              </>
            )}
          </>
        )}
      </span>
      <span class="grow" />
      {list.looking.value && (
        <button class="button" type="button" onClick={list.stopLooking}>
          Stop looking
        </button>
      )}
      {!list.looking.value && short && more && (
        <button class="button" type="button" onClick={() => void list.lookFurther()}>
          Look further back
        </button>
      )}
      <button class="button" type="button" disabled={queryValue("page") === ""} onClick={goNewer}>
        Newer
      </button>
      <button class="button" type="button" disabled={!more} onClick={() => goOlder(list)}>
        Older
      </button>
    </div>
  );
}
