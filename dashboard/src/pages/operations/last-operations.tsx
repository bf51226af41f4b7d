import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { pathOf } from "../../api.ts";
import { Empty } from "../../parts/notes.tsx";
import { Panel } from "../../parts/panel.tsx";
import { usePolled } from "../../poll.ts";
import { href } from "../../route.ts";
import type { OperationRows } from "../../wire.ts";
import { Table } from "./table.tsx";

const LAST = 20;
const EVERY_MS = 5_000;

/** The newest operations of a method. */
export function LastOperations({ method }: { method: string }): JSX.Element {
  const none = useSignal<ReadonlySet<string>>(new Set());
  const asked = usePolled<OperationRows>(pathOf("operations", { method, pageSize: LAST }), EVERY_MS);
  const rows = asked.data.value?.operations ?? [];
  return (
    <Panel title={`Last ${LAST}`} link={<a href={href("operations", { method })}>All</a>}>
      {rows.length === 0 && asked.data.value !== undefined ? (
        <Empty title="No operation yet." command={`longrunning start ${method} --json '{}'`} />
      ) : (
        <Table
          rows={rows.map((row) => ({ row, gone: false }))}
          methods={new Map()}
          selected={none}
          selectable={false}
          select={() => undefined}
          ended={false}
          old={false}
        />
      )}
    </Panel>
  );
}
