/** The part of http_ece that the stand-ins use; the package brings no types. */
declare module "http_ece" {
  import type { ECDH } from "node:crypto";

  interface Parameters {
    version: "aes128gcm";
    privateKey: ECDH;
    /** base64url. */
    authSecret: string;
  }

  /** Throws if the content was not encrypted for the key. */
  function decrypt(content: Buffer, parameters: Parameters): Buffer;

  const ece: { decrypt: typeof decrypt };
  export default ece;
}
