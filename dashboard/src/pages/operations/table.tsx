import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import { trail } from "../../state/trail.ts";
import type { MethodState } from "../../wire.ts";
import { Row } from "./row.tsx";
import type { ShownRow } from "./rows.ts";

/** The table of rows, in their fixed places. */
export function Table(props: {
  rows: readonly ShownRow[];
  methods: ReadonlyMap<string, MethodState>;
  selected: Signal<ReadonlySet<string>>;
  selectable: boolean;
  select: (name: string, range: boolean) => void;
  toggleAll?: () => void;
  ended: boolean;
  old: boolean;
}): JSX.Element {
  const remember = (): void => {
    trail.value = { address: location.hash, names: props.rows.map(({ row }) => row.name ?? "") };
  };
  const count = props.rows.filter(({ row }) => props.selected.value.has(row.name ?? "")).length;
  return (
    <div class="scroll">
      <table class={`ops stackable ${props.old ? "old" : ""}`}>
        <thead>
          <tr>
            {props.selectable && (
              <th>
                <input
                  type="checkbox"
                  ref={(element) => {
                    if (element !== null) element.indeterminate = count > 0 && count < props.rows.length;
                  }}
                  aria-label="Select all on this page"
                  checked={count > 0 && count === props.rows.length}
                  onChange={props.toggleAll}
                />
              </th>
            )}
            <th>State</th>
            <th>Operation</th>
            <th>Collection</th>
            <th>What happened</th>
            <th class="num">Attempt</th>
            <th class="num">Took</th>
            <th class="num">{props.ended ? "Ended" : "Created"}</th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map((shown) => (
            <Row
              key={shown.row.name}
              shown={shown}
              method={props.methods.get(shown.row.method ?? "")}
              selected={props.selected.value.has(shown.row.name ?? "")}
              select={props.selectable ? (range) => props.select(shown.row.name ?? "", range) : undefined}
              ended={props.ended}
              open={remember}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
