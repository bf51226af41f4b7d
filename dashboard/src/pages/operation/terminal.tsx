import type { JSX } from "preact";
import { nameParts } from "../../format/name.ts";
import { CopyLine } from "../../parts/copy.tsx";
import { Panel } from "../../parts/panel.tsx";
import { isDone } from "../../parts/state-mark.tsx";
import { session } from "../../state/session.ts";
import type { OperationRecord } from "../../wire.ts";

/** A word of a shell command; it is quoted if it has special characters. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * The URL under which callers reach the service: the configured public URL, otherwise the origin of
 * this page.
 */
function serverAddress(): string {
  const told = session.value?.publicUrl ?? "";
  if (told !== "") return told.replace(/\/$/, "");
  return new URL("..", document.baseURI).href.replace(/\/$/, "");
}

/** Shell commands for the same actions. */
export function Terminal({ record }: { record: OperationRecord }): JSX.Element {
  const { name = "", method = "", state } = record.row ?? {};
  const { parent } = nameParts(name);
  const server = serverAddress();
  const at = server === "http://127.0.0.1:8080" ? "" : ` --server ${word(server)}`;
  const inParent = parent === "" ? "" : ` --parent ${word(parent)}`;
  const commands = [
    `longrunning get ${word(name)}${at}`,
    isDone(state) ? undefined : `longrunning wait ${word(name)}${at}`,
    `longrunning start ${word(method)}${inParent} --json @request.json${at}`,
    `curl ${word(`${server}/v1/${name}`)}`,
  ];
  return (
    <Panel title="From a terminal">
      <div class="cli">
        {commands.flatMap((command) =>
          command === undefined ? [] : [<CopyLine key={command} text={command} />],
        )}
      </div>
    </Panel>
  );
}
