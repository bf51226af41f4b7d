import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { openMenus } from "../state/live.ts";

/** A modal question. The rows below it do not change while it is open; Escape closes it. */
export function Dialog(props: {
  title: string;
  close: () => void;
  wide?: boolean;
  children: ComponentChildren;
}): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    openMenus.value++;
    element.current?.showModal();
    return () => {
      openMenus.value--;
      element.current?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={props.wide === true ? "wide" : ""}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        props.close();
      }}
    >
      <h2 id={id}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}

/** A yes-or-no question; "no" has the focus. */
export function Confirm(props: {
  title: string;
  yes: string;
  no: string;
  danger?: boolean;
  busy?: boolean;
  close: () => void;
  run: () => void;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <Dialog title={props.title} close={props.close}>
      {props.children}
      <div class="buttons">
        <button class="button" type="button" autofocus onClick={props.close}>
          {props.no}
        </button>
        <button
          class={`button ${props.danger === true ? "danger" : "primary"}`}
          type="button"
          disabled={props.busy === true}
          onClick={props.run}
        >
          {props.yes}
        </button>
      </div>
    </Dialog>
  );
}
