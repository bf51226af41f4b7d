import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorInfo, localizedMessage } from "../core/error/details.ts";
import { detailsOfCall, readableDetails } from "./details.ts";

const URL = "type.googleapis.com";

describe("readableDetails()", () => {
  it("keeps details that every client knows", () => {
    const details = [
      errorInfo({ reason: "DISK_FULL", domain: "example.com" }),
      localizedMessage({ locale: "de-CH", message: "Voll." }),
      { "@type": `${URL}/google.protobuf.Duration`, value: "3.500s" },
      { "@type": `${URL}/google.protobuf.Empty` },
    ];
    assert.equal(readableDetails(details), details);
  });

  it("sends every other type as a Struct of the whole (contract 1.6)", () => {
    const known = errorInfo({ reason: "DISK_FULL", domain: "example.com" });
    const others = [
      { "@type": `${URL}/example.DiskDetail`, path: "/a" },
      { "@type": "example.com/google.rpc.ErrorInfo", reason: "A" },
      { "@type": `${URL}/google.protobuf.Duration` },
      { "@type": "" },
    ];
    const wrapped = others.map((value) => ({ "@type": `${URL}/google.protobuf.Struct`, value }));
    assert.deepEqual(readableDetails([known, ...others]), [known, ...wrapped]);
  });
});

it("detailsOfCall() keeps the API's own types", () => {
  const own = { "@type": `${URL}/example.DiskDetail`, path: "/a" };
  const other = { "@type": `${URL}/example.Other` };
  const standard = errorInfo({ reason: "DISK_FULL", domain: "example.com" });
  assert.deepEqual(
    detailsOfCall([standard, own, other], (detail) => detail === own),
    [standard, own, { "@type": `${URL}/google.protobuf.Struct`, value: other }],
  );
});
