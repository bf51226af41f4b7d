import type { IncomingHttpHeaders } from "node:http";
import { serviceError } from "../../core/error.ts";
import type { ErrorFormat } from "../../wire/error-body.ts";
import type { QueryParameter } from "./query.ts";

/** What the system parameters of a request ask for. */
export interface AnswerSettings {
  readonly prettyPrint: boolean;
  /** The field mask; empty for the whole answer. */
  readonly fields: string;
}

const DEFAULTS: AnswerSettings = { prettyPrint: true, fields: "" };

/** A parameter that every method takes, and what becomes of it. */
interface SystemParameter {
  readonly spellings: readonly string[];
  /** Left out where the parameter is accepted and means nothing to us (yet). */
  apply?(value: string): Partial<AnswerSettings>;
}

/**
 * The system parameters but for `$.xgafv`. Of one that is repeated the first counts, in whatever spelling.
 *
 * @see https://cloud.google.com/apis/docs/system-parameters; contract section 3.2
 */
const SYSTEM_PARAMETERS: readonly SystemParameter[] = [
  { spellings: ["$alt", "alt"], apply: checkAlt },
  { spellings: ["$fields", "fields"], apply: (fields) => ({ fields }) },
  { spellings: ["$prettyPrint", "prettyPrint", "pp"], apply: (value) => ({ prettyPrint: flag(value) }) },
  { spellings: ["$callback", "callback"], apply: refuseCallback },
  // Credentials and quota: whoever can connect may call, so far.
  { spellings: ["$key", "key"] },
  { spellings: ["access_token", "$access_token"] },
  { spellings: ["oauth_token", "$oauth_token"] },
  { spellings: ["bearer_token"] },
  { spellings: ["$quotaUser", "quotaUser", "userip", "userIp"] },
  { spellings: ["$userProject"] },
  // Media upload, which operations do not have.
  { spellings: ["uploadType", "$uploadType"] },
  { spellings: ["upload_protocol", "$upload_protocol"] },
  // There is one version of the service, and one content type.
  { spellings: ["$apiVersion"] },
  { spellings: ["$ct"] },
  // Python's discovery client offers these on every method.
  { spellings: ["trace", "$trace"] },
  { spellings: ["strict"] },
];

const BY_SPELLING: ReadonlyMap<string, SystemParameter> = new Map(
  SYSTEM_PARAMETERS.flatMap((parameter) => parameter.spellings.map((spelling) => [spelling, parameter])),
);

const ERROR_FORMAT = "$.xgafv";

/**
 * The format of error bodies. Read before anything else, since errors about everything else are written in it. The last one
 * counts.
 *
 * @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID for anything but `1` and `2`, in Google's words
 * @see contract sections 3.2, 4.4
 */
export function errorFormatOf(query: readonly QueryParameter[]): ErrorFormat {
  const value = query.findLast(([name]) => name === ERROR_FORMAT)?.[1];
  if (value === undefined || value === "2") return 2;
  if (value === "1") return 1;
  throw invalidValue(ERROR_FORMAT, value);
}

/**
 * Takes the system parameters out of a query. A field mask may come in a header as well, where the query has none.
 *
 * @returns the settings, and the parameters that are left for the call
 * @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID
 */
export function readSystemParameters(
  query: readonly QueryParameter[],
  headers: IncomingHttpHeaders,
): {
  readonly settings: AnswerSettings;
  readonly own: readonly QueryParameter[];
} {
  const inHeader = headers["x-goog-fieldmask"];
  let settings = typeof inHeader === "string" ? { ...DEFAULTS, fields: inHeader } : DEFAULTS;
  const seen = new Set<SystemParameter>();
  const own: QueryParameter[] = [];
  for (const parameter of query) {
    const [name, value] = parameter;
    const known = BY_SPELLING.get(name);
    if (known === undefined) {
      if (name !== ERROR_FORMAT) own.push(parameter);
    } else if (!seen.has(known)) {
      seen.add(known);
      settings = { ...settings, ...known.apply?.(value) };
    }
  }
  return { settings, own };
}

/** The answer is JSON in any case, and enums occur in it as numbers only, as `enum-encoding=int` asks. */
function checkAlt(value: string): Partial<AnswerSettings> {
  const alt = value.toLowerCase().replaceAll(" ", "");
  if (alt === "" || alt === "json" || alt === "json;enum-encoding=int") return {};
  if (alt === "media")
    throw refusal("alt", value, 'Unsupported alt type "media" for non byte stream request.');
  throw invalidValue("alt", value);
}

/** JSONP is for pages on other origins; until it is asked for, better an error than an answer without its wrapping. */
function refuseCallback(value: string): Partial<AnswerSettings> {
  if (value === "") return {};
  throw refusal("callback", value, "JSONP is not supported; leave the parameter callback out.");
}

function flag(value: string): boolean {
  if (value === "" || /^(?:true|1)$/i.test(value)) return true;
  if (/^(?:false|0)$/i.test(value)) return false;
  throw invalidValue("prettyPrint", value);
}

function invalidValue(name: string, value: string): Error {
  const shown = value.slice(0, 100);
  return refusal(
    name,
    value,
    `Invalid query parameters. Invalid value '${shown}' for system query parameter : ${name}`,
  );
}

function refusal(name: string, value: string, message: string): Error {
  return serviceError("PARAMETER_INVALID", message, {
    metadata: { parameter: name, value: value.slice(0, 100) },
  });
}
