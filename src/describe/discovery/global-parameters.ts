import type { ParameterDescription } from "./description.ts";

/**
 * Parameters of every method, with Google's own texts: clients turn them into keyword arguments and
 * help.
 *
 * @see contract section 5.1
 */
export const GLOBAL_PARAMETERS: Readonly<Record<string, ParameterDescription>> = {
  "$.xgafv": {
    description: "V1 error format.",
    enum: ["1", "2"],
    enumDescriptions: ["v1 error format", "v2 error format"],
    location: "query",
    type: "string",
  },
  access_token: { description: "OAuth access token.", location: "query", type: "string" },
  alt: {
    default: "json",
    description: "Data format for response.",
    enum: ["json", "media", "proto"],
    enumDescriptions: [
      "Responses with Content-Type of application/json",
      "Media download with context-dependent Content-Type",
      "Responses with Content-Type of application/x-protobuf",
    ],
    location: "query",
    type: "string",
  },
  callback: { description: "JSONP", location: "query", type: "string" },
  fields: {
    description: "Selector specifying which fields to include in a partial response.",
    location: "query",
    type: "string",
  },
  key: {
    description:
      "API key. Your API key identifies your project and provides you with API access, quota, and reports. Required unless you provide an OAuth 2.0 token.",
    location: "query",
    type: "string",
  },
  oauth_token: { description: "OAuth 2.0 token for the current user.", location: "query", type: "string" },
  prettyPrint: {
    default: "true",
    description: "Returns response with indentations and line breaks.",
    location: "query",
    type: "boolean",
  },
  quotaUser: {
    description:
      "Available to use for quota purposes for server-side applications. Can be any arbitrary string assigned to a user, but should not exceed 40 characters.",
    location: "query",
    type: "string",
  },
  uploadType: {
    description: 'Legacy upload protocol for media (e.g. "media", "multipart").',
    location: "query",
    type: "string",
  },
  upload_protocol: {
    description: 'Upload protocol for media (e.g. "raw", "multipart").',
    location: "query",
    type: "string",
  },
};
