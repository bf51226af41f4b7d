import { LIMITS } from "../core/limits.ts";
import type { Entry } from "../forms/entry.ts";
import { decimal, type Form, type JsonSchema, listOf, object, oneOf, text, whole } from "../forms/form.ts";
import { durationForm } from "./duration-form.ts";
import { DIALECT } from "./json-schema/keywords.ts";
import { RUN } from "./run-form.ts";
import { type Template, templateParts } from "./template.ts";

/** A JSON Schema, unread: reading it needs the files beside it. */
function jsonSchema(description: string): Form<Entry> {
  return { schema: { $ref: DIALECT, description }, read: (entry) => entry };
}

const RETRY = object(
  {
    attempts: whole({ description: "The number of attempts in all. Default: 3.", min: 1, max: 1_000 }),
    initialDelay: durationForm('Delay after the first failed attempt. Without: "1s".'),
    multiplier: decimal({
      description: "The factor of each further delay. Default: 2.",
      min: 1,
      max: 100,
    }),
    maxDelay: durationForm('No delay is longer. Without: "60s", or the initial delay if that is longer.'),
    delays: listOf(durationForm("A delay."), {
      description: "Instead of the four above: the delay after each failed attempt except the last.",
      min: 1,
    }),
  },
  { description: "The repetition of failed attempts.", required: [] },
);

const TIME_TO_LIVE = object(
  {
    default: durationForm('Unless a caller says otherwise. Without: "30d".'),
    min: durationForm('The shortest a caller may ask for. Without: the shorter of "1s" and the default.'),
    max: durationForm("The longest a caller may ask for. Without: the default."),
  },
  { description: "How long finished operations are kept.", required: [] },
);

const PARALLEL = object(
  {
    key: text({
      description:
        "The member of the request by which operations are counted together, such as disk.name. Without: all are.",
      pattern: /^[^.\s]+(?:\.[^.\s]+)*$/,
      expected: "the path of a member of the request, such as disk.name",
    }),
    limit: whole({
      description: "The number of operations. Default: 1.",
      min: 1,
      max: LIMITS.parallelLimitMax,
    }),
    when: oneOf(["reject", "queue"], "What becomes of one more."),
  },
  {
    description: "The number of operations that may run in parallel, in all processes together.",
    required: ["when"],
  },
);

const TEMPLATE_TEXT = text({
  description:
    "The name of the resource that an operation works on, with members of the request in it, such as projects/{project}/disks/{disk.name}.",
});

const TEMPLATE: Form<Template> = {
  schema: TEMPLATE_TEXT.schema,
  read: (entry) => {
    const template = TEMPLATE_TEXT.read(entry);
    try {
      return template === undefined ? undefined : templateParts(template);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      entry.refuse(error.message);
      return undefined;
    }
  },
};

const METHOD = object(
  {
    name: text({
      description: "lowerCamelCase; the address is POST /v1:{name}. Optional with rpc.",
      pattern: new RegExp(`^[a-z][a-zA-Z0-9]{0,${LIMITS.methodNameLengthMax - 1}}$`),
      expected: `lowerCamelCase of ${LIMITS.methodNameLengthMax} characters at most`,
    }),
    description: text({ description: "The purpose of the method." }),
    request: jsonSchema("What callers send: a schema of an object."),
    response: jsonSchema("What the operation answers: a schema of an object. Without: nothing."),
    metadata: jsonSchema("What workers report: a schema of an object. Without: any."),
    rpc: text({
      description: "The full name of an RPC, such as acme.v1.Disks.Resize, instead of the three schemas.",
      pattern: /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$/,
      expected: "the full name of an RPC, such as acme.v1.Disks.Resize",
    }),
    descriptors: text({
      description: "A descriptor set that contains the RPC. To create it: buf build -o api.binpb",
    }),
    retry: RETRY,
    deadline: durationForm(
      "The operation fails if it has not ended this long after its start. Without: never.",
    ),
    timeToLive: TIME_TO_LIVE,
    parallel: PARALLEL,
    target: TEMPLATE,
    run: RUN,
  },
  { description: "A method.", required: [] },
);

/** The written options of a method. */
export type WrittenMethod = NonNullable<ReturnType<typeof METHOD.read>>;

/** The written options of a method, and its entry. */
export interface MethodEntry {
  readonly entry: Entry;
  readonly written: WrittenMethod;
}

const METHOD_ENTRY: Form<MethodEntry> = {
  schema: { ...METHOD.schema, required: ["run"] },
  read: (entry) => {
    // Not required in the form, so that the rest of a method without it is still checked.
    const isMap = entry.value instanceof Map;
    if (entry.value instanceof Map && !entry.value.has("run"))
      entry.refuse('"run" is missing: say who runs it, such as run: remote');
    const written = METHOD.read(entry);
    return written === undefined || !isMap ? undefined : { entry, written };
  },
};

/** The form of the file. */
export const METHODS_FILE = object(
  {
    descriptors: text({
      description: "A descriptor set for all methods with an rpc. To create it: buf build -o api.binpb",
    }),
    methods: listOf(METHOD_ENTRY, { description: "The methods.", min: 1 }),
  },
  { description: "Methods of longrunning, declared without code.", required: ["methods"] },
);

/** The same as a JSON Schema, for editors. It is published as `deploy/methods.schema.json`. */
export const METHODS_SCHEMA: JsonSchema = {
  $schema: DIALECT,
  title: "Methods of longrunning",
  ...METHODS_FILE.schema,
};
