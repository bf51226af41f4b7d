import type { JSX } from "preact";
import { DownIcon } from "./icons.tsx";

/** A native select with the style of the page. */
export function Select(props: {
  label: string;
  value: string;
  options: readonly { readonly value: string; readonly title: string }[];
  change: (value: string) => void;
}): JSX.Element {
  const known = props.options.some(({ value }) => value === props.value);
  const options = known ? props.options : [...props.options, { value: props.value, title: props.value }];
  const title = options.find(({ value }) => value === props.value)?.title ?? "";
  return (
    <label class="select">
      <span class="muted">{props.label}</span> <b aria-hidden="true">{title}</b> <DownIcon />
      <select
        aria-label={props.label}
        value={props.value}
        onChange={(event) => props.change(event.currentTarget.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.title}
          </option>
        ))}
      </select>
    </label>
  );
}
