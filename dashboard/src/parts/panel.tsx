import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

/** A titled part of a page. */
export function Panel(props: {
  title: string;
  note?: ComponentChildren;
  link?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}): JSX.Element {
  const id = useId();
  return (
    <section class={`panel ${props.class ?? ""}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.note !== undefined && <span class="muted">{props.note}</span>}
        <span class="grow" />
        {props.link}
      </header>
      {props.children}
    </section>
  );
}
