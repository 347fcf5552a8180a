import { createECDH, randomBytes } from "node:crypto";
import fc from "fast-check";
import ece from "http_ece";
import { describe, expect, it } from "vitest";
import { base64, ENCRYPTION_BYTES, encryptedBase64Length, encryptFor } from "../../src/push/encrypt.ts";

/** RFC 8291, appendix A. */
const VECTOR = {
  plaintext: "V2hlbiBJIGdyb3cgdXAsIEkgd2FudCB0byBiZSBhIHdhdGVybWVsb24",
  ownPublic: "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
  ownPrivate: "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
  p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
  theirPrivate: "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94",
  salt: "DGv6ra1nlYgDCS1FRnbzlw",
  auth: "BTBZMqHH6r4Tts7J_aSIgg",
  body:
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_" +
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
};

const bytes = (text: string) => Buffer.from(text, "base64url");

async function vectorKeys(): Promise<CryptoKeyPair> {
  const point = bytes(VECTOR.ownPublic);
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString("base64url"));
  const jwk = { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" };
  const curve = { name: "ECDH", namedCurve: "P-256" };
  return {
    publicKey: await crypto.subtle.importKey("jwk", jwk, curve, true, []),
    privateKey: await crypto.subtle.importKey("jwk", { ...jwk, d: VECTOR.ownPrivate }, curve, true, [
      "deriveBits",
    ]),
  };
}

describe("encryption for a device", () => {
  it("[PUSH-P1] the vector of RFC 8291, appendix A, comes out byte for byte", async () => {
    const random = { keys: await vectorKeys(), salt: bytes(VECTOR.salt) };
    const body = await encryptFor(VECTOR, bytes(VECTOR.plaintext), random);
    expect(Buffer.from(body).toString("base64url")).toBe(VECTOR.body);
  });

  it("[PUSH-P1] another implementation reads what we encrypt, and its length is known before", async () => {
    const key = createECDH("prime256v1");
    key.generateKeys();
    const auth = randomBytes(16);
    const keys = { p256dh: key.getPublicKey("base64url"), auth: auth.toString("base64url") };
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3993 }), async (content) => {
        const body = await encryptFor(keys, content);
        expect(body.length).toBe(content.length + ENCRYPTION_BYTES);
        expect(base64(body)).toHaveLength(encryptedBase64Length(content.length));
        expect(Buffer.from(base64(body), "base64").equals(body)).toBe(true);
        const opened = ece.decrypt(Buffer.from(body), {
          version: "aes128gcm",
          privateKey: key,
          authSecret: keys.auth,
        });
        expect(Buffer.compare(opened, content)).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it("[PUSH-P1] what is no public key is refused, and each message has a salt and a key of its own", async () => {
    const bad = Buffer.concat([Buffer.from([4]), randomBytes(64)]).toString("base64url");
    await expect(encryptFor({ p256dh: bad, auth: VECTOR.auth }, new Uint8Array(1))).rejects.toThrow();
    const [one, other] = await Promise.all(
      [1, 2].map(async () => await encryptFor(VECTOR, new Uint8Array(9))),
    );
    expect(Buffer.from(one ?? []).subarray(0, 16)).not.toEqual(Buffer.from(other ?? []).subarray(0, 16));
    expect(Buffer.from(one ?? []).subarray(21, 86)).not.toEqual(Buffer.from(other ?? []).subarray(21, 86));
  });
});
