import type { JSX } from "preact";
import { Panel } from "../../parts/panel.tsx";
import type { OperationRecord } from "../../wire.ts";
import { Bar } from "../operations/what-happened.tsx";

/** The last progress that the handler reported. */
export function Progress({ record }: { record: OperationRecord }): JSX.Element | null {
  const { progressPercent, message } = record.row ?? {};
  if (progressPercent === undefined && (message ?? "") === "") return null;
  return (
    <Panel title="Progress">
      <div class="progress">
        {progressPercent !== undefined && <Bar percent={progressPercent} />}
        {(message ?? "") !== "" && <p class="text">{message}</p>}
      </div>
    </Panel>
  );
}
