import { createPublicKey, verify } from "node:crypto";

/** `key`: one of `publicKeys`. */
export function isGenuine(key: string, headers: Record<string, string>, body: Buffer): boolean {
  const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signatures = "" } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(time)) <= 300)) return false;
  const x = Buffer.from(key.replace("whpk_", ""), "base64").toString("base64url");
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const content = Buffer.concat([Buffer.from(`${id}.${time}.`), body]);
  return signatures
    .split(" ")
    .some(
      (each) =>
        each.startsWith("v1a,") && verify(null, content, publicKey, Buffer.from(each.slice(4), "base64")),
    );
}
