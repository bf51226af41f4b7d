import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import type { ApiError } from "../../api.ts";
import { type Completion, completionAt } from "../../filter/completion.ts";
import { errorIndex, piecesOf } from "../../filter/pieces.ts";
import { SearchIcon } from "../../parts/icons.tsx";

const NONE: Completion = { start: 0, end: 0, options: [] };

/**
 * The filter as text (AIP-160), coloured, with completion. An error is marked at the position that
 * the server reports.
 */
export function FilterField(props: {
  text: string;
  methods: readonly string[];
  error: ApiError | undefined;
  apply: (text: string) => void;
}): JSX.Element {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const text = useSignal(props.text);
  const completion = useSignal(NONE);
  const active = useSignal(-1);
  useEffect(() => {
    text.value = props.text;
    completion.value = NONE;
  }, [props.text]);
  const complete = (): void => {
    const caret = field.current?.selectionStart ?? text.value.length;
    completion.value = completionAt(text.value, caret, props.methods);
    active.value = -1;
  };
  const close = (): void => {
    completion.value = NONE;
    active.value = -1;
  };
  const take = (option: string): void => {
    const { start, end } = completion.value;
    text.value = text.value.slice(0, start) + option + text.value.slice(end);
    close();
    // Immediately: a fast typist is at the next word before the page is rendered again.
    if (field.current === null) return;
    field.current.value = text.value;
    field.current.focus();
    field.current.setSelectionRange(start + option.length, start + option.length);
  };
  const refused = props.error?.reason === "FILTER_INVALID" ? props.error : undefined;
  const options = completion.value.options;
  return (
    <>
      <form
        class={`field ${refused === undefined ? "" : "invalid"}`}
        onSubmit={(event) => {
          event.preventDefault();
          close();
          props.apply(text.value.trim());
        }}
      >
        <SearchIcon />
        <span class="mirror-box">
          <Mirror
            text={text.value}
            wrong={refused && text.value === props.text ? errorIndex(refused.message, text.value) : undefined}
            field={field}
          />
          <input
            id="filter"
            ref={field}
            type="text"
            role="combobox"
            aria-label="Filter"
            aria-expanded={options.length > 0}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={active.value === -1 ? undefined : `${id}-${active.value}`}
            aria-invalid={refused !== undefined}
            aria-describedby={refused === undefined ? undefined : `${id}-error`}
            placeholder="Filter, such as metadata.state = FAILED"
            autocomplete="off"
            spellcheck={false}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
              complete();
            }}
            onBlur={close}
            onKeyDown={(event) => onKey(event, { options, active, take, close })}
          />
        </span>
        <kbd>f</kbd>
        <Options id={id} options={options} active={active.value} take={take} />
      </form>
      {refused !== undefined && (
        <p class="field-error" id={`${id}-error`} role="alert">
          {refused.message}
        </p>
      )}
    </>
  );
}

/** The possible completions at the caret. */
function Options(props: {
  id: string;
  options: readonly string[];
  active: number;
  take: (option: string) => void;
}): JSX.Element {
  return (
    <div
      class="options"
      role="listbox"
      id={`${props.id}-list`}
      aria-label="Completions"
      hidden={props.options.length === 0}
    >
      {props.options.map((option, index) => (
        <div
          key={option}
          id={`${props.id}-${index}`}
          role="option"
          aria-selected={index === props.active}
          onPointerDown={(event) => {
            event.preventDefault();
            props.take(option);
          }}
        >
          {option}
        </div>
      ))}
    </div>
  );
}

function onKey(
  event: KeyboardEvent,
  list: {
    options: readonly string[];
    active: { value: number };
    take: (option: string) => void;
    close: () => void;
  },
): void {
  const { options, active } = list;
  const chosen = options[active.value];
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length > 0) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    const from = active.value === -1 && step === -1 ? 0 : active.value;
    active.value = (from + step + options.length) % options.length;
  } else if ((event.key === "Enter" || event.key === "Tab") && chosen !== undefined) {
    event.preventDefault();
    list.take(chosen);
  } else if (event.key === "Escape") {
    if (options.length > 0) list.close();
    else (event.currentTarget as HTMLElement).blur();
  }
}

/** The same text in colours, behind the input field, whose own text is transparent. */
function Mirror(props: {
  text: string;
  wrong: number | undefined;
  field: { readonly current: HTMLInputElement | null };
}): JSX.Element {
  const code = useRef<HTMLElement>(null);
  useEffect(() => {
    const input = props.field.current;
    const follow = (): void => {
      if (code.current !== null && input !== null) code.current.scrollLeft = input.scrollLeft;
    };
    input?.addEventListener("scroll", follow);
    follow();
    return () => input?.removeEventListener("scroll", follow);
  }, [props.text]);
  let at = 0;
  return (
    <code class="mirror" aria-hidden="true" ref={code}>
      {piecesOf(props.text).map((piece, index) => {
        const start = at;
        at += piece.text.length;
        const cut = props.wrong === undefined ? -1 : props.wrong - start;
        if (cut < 0 || cut >= piece.text.length) {
          return (
            <span key={index} class={piece.kind}>
              {piece.text}
            </span>
          );
        }
        return (
          <span key={index} class={piece.kind}>
            {piece.text.slice(0, cut)}
            <mark>{piece.text.slice(cut, cut + 1)}</mark>
            {piece.text.slice(cut + 1)}
          </span>
        );
      })}
      {props.wrong === props.text.length && <mark> </mark>}
    </code>
  );
}
