import type { JSX } from "preact";
import { href } from "../route.ts";

/** Shown for an address that has no page. */
export function Unknown(): JSX.Element {
  return (
    <>
      <div class="head">
        <h1>There is no such page</h1>
      </div>
      <p>
        <a class="button" href={href("")}>
          Overview
        </a>
      </p>
    </>
  );
}
