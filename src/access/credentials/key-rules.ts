import { checked, distinct, type Form, listOf, object, text } from "../../forms/form.ts";
import { GROUP, PRINCIPAL } from "../grants.ts";
import { KEY_HASH } from "./api-key.ts";

/** An API key in the rules or in the store. */
export interface ApiKeyRecord {
  /** The SHA-256 of the key, in hex. */
  readonly hash: string;
  readonly principal: string;
  readonly groups: readonly string[];
  /** Milliseconds since the epoch; null for never. */
  readonly expireTime: number | null;
}

/** RFC 3339, in UTC or with an offset. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

const EXPIRE_TIME: Form<string> = checked(
  text({
    description: "The time from which the key is refused, in RFC 3339. Default: none.",
    pattern: TIME,
    expected: 'a time such as "2027-01-01T00:00:00Z"',
  }),
  (time, entry) => {
    if (Number.isNaN(Date.parse(time))) entry.refuse(`expected a time, got ${entry.shown}`);
  },
);

/** The value is not shown in errors, because it may be the key itself by mistake. */
const HASH: Form<string> = {
  schema: { type: "string", pattern: KEY_HASH.source, description: "The SHA-256 of the key, in hex." },
  read: (entry) => {
    const { value } = entry;
    if (typeof value === "string" && KEY_HASH.test(value)) return value;
    entry.refuse("expected 64 hexadecimal digits in lower case, got another value");
    return undefined;
  },
};

const KEY = object(
  {
    sha256: HASH,
    principal: text({
      description: "The principal of calls with this key.",
      pattern: PRINCIPAL,
      expected: "user:… or serviceAccount:…",
    }),
    groups: listOf(text({ description: "A group.", pattern: GROUP, expected: "group:…" }), {
      description: "The groups of the principal, in calls with this key.",
    }),
    expireTime: EXPIRE_TIME,
  },
  { description: "An API key, without the key itself.", required: ["sha256", "principal"] },
);

/** The section `keys`. */
export const KEYS: Form<readonly ApiKeyRecord[]> = distinct(
  listOf(
    {
      schema: KEY.schema,
      read: (entry) => {
        const read = KEY.read(entry);
        if (read === undefined) return undefined;
        const { sha256, principal, groups = [], expireTime } = read;
        const time = expireTime === undefined ? null : Date.parse(expireTime);
        return { hash: sha256, principal, groups, expireTime: time };
      },
    },
    { description: "API keys, in addition to those in the store." },
  ),
  "sha256",
);
