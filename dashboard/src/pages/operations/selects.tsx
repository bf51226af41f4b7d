import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { CloseIcon } from "../../parts/icons.tsx";
import { Select } from "../../parts/select.tsx";
import { go, hrefWith } from "../../route.ts";
import { seesAll } from "../../state/session.ts";
import { ENDED, isWide, ORDERS, type Question } from "./question.ts";

/** The address of a changed question: its first page. */
export function changed(changes: Readonly<Record<string, string | undefined>>): string {
  return hrefWith({ page: undefined, since: undefined, ...changes });
}

/** The selects, which narrow the list without a filter. */
export function Selects(props: {
  question: Question;
  methods: readonly string[];
  collections: readonly string[];
}): JSX.Element {
  const { question } = props;
  const orders = isWide(question.collection)
    ? ORDERS.filter(({ value }) => !value.startsWith("endTime"))
    : ORDERS;
  return (
    <>
      {seesAll() && <Collection value={question.collection} known={props.collections} />}
      <Select
        label="Method"
        value={question.method}
        options={[{ value: "", title: "Any" }, ...props.methods.map((value) => ({ value, title: value }))]}
        change={(method) => go(changed({ method }))}
      />
      <Select
        label="Ended"
        value={question.ended}
        options={ENDED}
        change={(ended) => go(changed({ ended }))}
      />
      <Select
        label="Order"
        value={orders.some(({ value }) => value === question.order) ? question.order : ""}
        options={orders}
        change={(order) => go(changed({ order }))}
      />
      <Only label="Worker" value={question.worker} all={{ worker: undefined }} />
      <Only label="Key" value={question.key} all={{ key: undefined }} />
    </>
  );
}

/** The conditions that another page set, each with a button that removes it. */
function Only(props: {
  label: string;
  value: string;
  all: Readonly<Record<string, undefined>>;
}): JSX.Element | null {
  if (props.value === "") return null;
  return (
    <button
      class="select"
      type="button"
      aria-label={`${props.label} ${props.value}: show any`}
      onClick={() => go(changed(props.all))}
    >
      <span class="muted">{props.label}</span> <b class="text">{props.value}</b> <CloseIcon />
    </button>
  );
}

/**
 * The collection is a text field, because there may be any number of collections; the field
 * suggests the known ones.
 */
function Collection({ value, known }: { value: string; known: readonly string[] }): JSX.Element {
  const id = useId();
  return (
    <label class="select">
      <span class="muted">Collection</span>
      <input
        type="text"
        list={id}
        placeholder="All"
        value={value}
        spellcheck={false}
        style={{ width: `${Math.min(28, Math.max(5, value.length + 1))}ch` }}
        onChange={(event) => {
          const text = event.currentTarget.value.trim();
          go(changed({ collection: text === "-" ? "" : text }));
        }}
      />
      <datalist id={id}>
        {known.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </label>
  );
}
