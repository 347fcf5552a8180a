/** Reads and verifies a token by node:crypto, so that it shares no code with what the service signs with. */
import { createPublicKey, type JsonWebKey, type KeyObject, verify } from "node:crypto";

export interface Jwt {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  isSignedBy: (key: KeyObject) => boolean;
}

function json(part: string): Record<string, unknown> {
  const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  if (typeof value !== "object" || value === null) throw new Error("not an object");
  return value as Record<string, unknown>;
}

/** The parts of a compact JWS, or undefined if the text is none. */
export function readJwt(token: string): Jwt | undefined {
  const [header, claims, signature, ...rest] = token.split(".");
  if (!header || !claims || !signature || rest.length > 0) return undefined;
  const data = Buffer.from(`${header}.${claims}`);
  const signed = Buffer.from(signature, "base64url");
  try {
    return {
      header: json(header),
      claims: json(claims),
      isSignedBy: (key) =>
        verify(
          "SHA256",
          data,
          key.asymmetricKeyType === "ec" ? { key, dsaEncoding: "ieee-p1363" } : key,
          signed,
        ),
    };
  } catch {
    return undefined;
  }
}

/** A P-256 public key from its 65 bytes. Throws if they are no point of the curve. */
export function publicKeyOf(bytes: Buffer): KeyObject {
  if (bytes.length !== 65 || bytes[0] !== 4) throw new Error("not an uncompressed point");
  const key: JsonWebKey = {
    kty: "EC",
    crv: "P-256",
    x: bytes.subarray(1, 33).toString("base64url"),
    y: bytes.subarray(33).toString("base64url"),
  };
  return createPublicKey({ key, format: "jwk" });
}
