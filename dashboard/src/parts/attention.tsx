import type { JSX } from "preact";
import { ownAddress } from "../route.ts";
import type { Attention } from "../wire.ts";
import { WarnIcon } from "./icons.tsx";
import { Time } from "./time.tsx";

/** Problems, most urgent first, each with a link; without problems one quiet line. */
export function AttentionList({ attention }: { attention: readonly Attention[] }): JSX.Element {
  if (attention.length === 0) return <p class="muted calm">Nothing needs attention.</p>;
  return (
    <section class="panel attention" aria-label="Needs attention">
      <ul>
        {attention.map((each) => {
          const address = ownAddress(each.link);
          return (
            <li key={`${each.rule} ${each.method} ${each.sentence}`}>
              <WarnIcon />
              <span class="text">
                {(each.method ?? "") !== "" && <strong>{each.method} </strong>}
                {each.sentence}
                {each.since !== undefined && (
                  <>
                    {" since "}
                    <Time at={each.since} precision="minutes" />
                  </>
                )}
                {(each.detail ?? "") !== "" && (
                  <>
                    : <span class="muted">{each.detail}</span>
                  </>
                )}
              </span>
              {address !== undefined && <a href={address}>{each.linkText}</a>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
