import { type Form, listOf, mapOf, object, text } from "../forms/form.ts";
import type { HttpTargetOptions } from "../http-target/options.ts";
import { durationForm } from "./duration-form.ts";

/** Who runs the operations of a method: workers over the network, or a URL. */
export type Run = "remote" | HttpTargetOptions;

/** A text that messages must not show. */
function secret(description: string): Form<string> {
  return {
    schema: { type: "string", minLength: 1, description },
    read: (entry) => {
      if (typeof entry.value === "string" && entry.value !== "") return entry.value;
      entry.refuse("expected a text that is not empty, got another value");
      return undefined;
    },
  };
}

const PLACES = "or its place: env:NAME or file:PATH";
const SECRETS = listOf(secret(`A secret, ${PLACES}.`), {
  description: "Secrets; each creates a signature.",
  min: 1,
});
const ONE_SECRET = secret(`A secret: whsec_ and 24 to 64 bytes in base64; ${PLACES}.`);

/** One secret, or several. */
const SECRET: Form<string | readonly string[]> = {
  schema: { anyOf: [ONE_SECRET.schema, SECRETS.schema] },
  read: (entry) => (Array.isArray(entry.value) ? SECRETS.read(entry) : ONE_SECRET.read(entry)),
};

const IDENTITY_TOKEN = object(
  {
    audience: text({ description: "The audience of a token from the metadata server of Google Cloud." }),
    metadataServer: text({ description: "The address of the metadata server." }),
    tokenFile: text({ description: "A file with a token that another program renews." }),
    exec: listOf(text({ description: "The program, or an argument." }), {
      description: "A program and its arguments; the program prints a token.",
      min: 1,
    }),
  },
  { description: "An identity token (OpenID Connect), from one of three sources.", required: [] },
);

const AUTH = object(
  {
    secret: SECRET,
    bearer: secret(`Sent as Authorization: Bearer; ${PLACES}.`),
    oidc: IDENTITY_TOKEN,
  },
  { description: "The proof that a request comes from this service: one of the three.", required: [] },
);

const TARGET = object(
  {
    url: text({ description: "The address that requests are posted to." }),
    timeout: durationForm('How long the target has for its whole answer. Without: "10m".'),
    auth: AUTH,
    headers: mapOf(secret("The value of a header."), {
      description: "Headers of every request.",
      name: { description: "The name of a header." },
    }),
    cancelUrl: text({ description: "The address that is notified when no answer is expected any more." }),
  },
  { description: "A URL that runs the operations.", required: ["url"] },
);

/** Whether a member was written but is invalid, which was reported. */
function hasMistakes(read: object): boolean {
  return Object.values(read).some(
    (each) =>
      each === undefined || (typeof each === "object" && each !== null && hasMistakes(each as object)),
  );
}

/** The member `run`. */
export const RUN: Form<Run> = {
  schema: {
    description: "The handler: remote for workers that claim operations over the network, or a URL.",
    anyOf: [{ const: "remote" }, TARGET.schema],
  },
  read: (entry) => {
    if (entry.value === "remote") return "remote";
    if (entry.value instanceof Map) {
      const read = TARGET.read(entry);
      if (read === undefined || hasMistakes(read)) return undefined;
      const { headers, ...rest } = read;
      return { ...rest, ...(headers === undefined ? {} : { headers: Object.fromEntries(headers) }) } as Run;
    }
    entry.refuse(`expected remote, or a mapping such as url: "https://…", got ${entry.shown}`);
    return undefined;
  },
};
