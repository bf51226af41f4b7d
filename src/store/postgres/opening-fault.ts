import { StatusError } from "../../core/error/error.ts";
import { InvariantError } from "../../core/invariant.ts";
import { withoutPassword } from "../../core/value/secret.ts";
import { cannotOpen } from "../fault.ts";
import { codeOf } from "./fault.ts";

/** The problem, its remedy, and whether it may pass by itself. */
type Finding = readonly [problem: string, remedy: string, passing?: "passing"];

const REACH = "See that PostgreSQL runs there and can be reached from here, and that host and port are right";
const LOGIN = "Correct the user and the password in the address, or PGUSER and PGPASSWORD";
const WRITES = "Give the address of the primary; with several hosts, add target_session_attrs=read-write";
const RIGHTS =
  "Grant it to this user, or come as the owner of the tables; migrations are applied by: longrunning migrate";
const UNABLE = "Use PostgreSQL 15 or newer; what else was tried is in docs/deploying.md";
const WAIT = "Try again when it has started, or look into its log";

/** By the code of the database, the driver or the network, or by the class of a code. */
const FINDINGS: Readonly<Record<string, Finding>> = {
  ECONNREFUSED: ["nothing listens there", REACH, "passing"],
  ENOENT: ["there is no such socket", REACH, "passing"],
  EACCES: [
    "this user may not use the socket",
    "Give this user the right to use it, or connect by host and port",
  ],
  ENOTFOUND: ["there is no such host", REACH, "passing"],
  EAI_AGAIN: ["the name of the host cannot be looked up now", REACH, "passing"],
  EHOSTUNREACH: ["the host cannot be reached", REACH, "passing"],
  ENETUNREACH: ["the host cannot be reached", REACH, "passing"],
  CONNECT_TIMEOUT: ["no connection came about in time", REACH, "passing"],
  ANSWER_TIMEOUT: ["it did not answer in time", REACH, "passing"],
  CONNECTION_CLOSED: ["it ended the connection", REACH, "passing"],
  CONNECTION_DESTROYED: ["it ended the connection", REACH, "passing"],
  ECONNRESET: ["it ended the connection", REACH, "passing"],
  EPIPE: ["it ended the connection", REACH, "passing"],
  SERVER_UNFIT: ["no host is what target_session_attrs asks for", WRITES, "passing"],
  TLS_REFUSED: [
    "the server does not offer TLS, and the address asks for it",
    "Switch TLS on at the server, or say sslmode=disable where the network is safe",
  ],
  SASL_SIGNATURE_MISMATCH: ["the server does not prove that it knows the password", LOGIN],
  "08": ["the connection was refused", "See what whatever stands between says in its log", "passing"],
  "25006": ["the server takes no writes", WRITES, "passing"],
  "28": ["the user may not come in", LOGIN],
  "28000": ["the user may not come in", "Correct the user in the address, or let the user in in pg_hba.conf"],
  "3D": ["there is no such database", "Make it, such as with createdb, or correct its name in the address"],
  "3F": [
    "there is no schema to make tables in",
    "Make it, or correct search_path in the address or of the user",
  ],
  "40": ["others were faster all the time", "Try again", "passing"],
  "42501": ["this user lacks a right", RIGHTS],
  "42704": [
    "the database does not know something that is asked for",
    "Correct what stands behind the ? of the address",
  ],
  "53": ["the database has run out of something", "Free some space or memory of its machine", "passing"],
  "53300": [
    "all its connections are taken",
    "Raise max_connections, lower --connections of the processes, or put pgbouncer in between",
    "passing",
  ],
  "55": ["somebody keeps it locked", "Look for him in pg_stat_activity, and end his transaction", "passing"],
  "57": ["it takes no connections now", WAIT, "passing"],
  "57014": ["it was too slow, or somebody keeps it locked", "Look for him in pg_stat_activity", "passing"],
  "58": ["its disk cannot be read or written", "Look into the log of the database", "passing"],
  XX: ["the database failed at a statement that serving needs", UNABLE],
  "0A": ["the database cannot carry out a statement that serving needs", UNABLE],
};

/** TLS error codes for untrusted certificates. */
const CERTIFICATE = /CERT|SIGNATURE|ISSUER|ERR_TLS|ERR_SSL/;

/**
 * The error for a failed attempt to open a store, made from the error of the database, the driver
 * or the network. An error of the store itself stays as it is.
 */
export function openingFault(url: string, error: unknown): unknown {
  const cause = causeOf(error);
  if (cause === undefined) return error;
  const [problem, remedy, passing] = findingOf(cause);
  const { message } = cause;
  return cannotOpen({
    store: withoutPassword(url),
    problem: message === "" ? problem : `${problem} (${withoutPassword(message)})`,
    remedy,
    mayPass: passing !== undefined,
    cause,
  });
}

/** The cause of an error of the store; undefined if the error is complete by itself. */
function causeOf(error: unknown): Error | undefined {
  if (error instanceof StatusError && error.reason !== "STORE_UNAVAILABLE") return undefined;
  const said = error instanceof StatusError || error instanceof InvariantError ? error.cause : error;
  return said instanceof Error && !(said instanceof StatusError) && codeOf(said) !== undefined
    ? said
    : undefined;
}

function findingOf(error: Error): Finding {
  const code = codeOf(error) ?? "";
  const known = FINDINGS[code] ?? (error.name === "PostgresError" ? FINDINGS[code.slice(0, 2)] : undefined);
  if (known !== undefined) return known;
  if (error.name === "PostgresError")
    return ["the database cannot carry out a statement that serving needs", UNABLE];
  if (CERTIFICATE.test(code)) {
    const remedy = "Name its authority with NODE_EXTRA_CA_CERTS, or say sslmode=require to trust any";
    return ["the certificate of the server is not trusted", remedy];
  }
  return ["it cannot be reached", REACH, "passing"];
}
