/** The local bucket, through the AWS SDK: an S3 client that shares no code with ours. */
import {
  HeadObjectCommand,
  ListObjectsV2Command,
  NotFound,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { localStorageVars } from "../../scripts/dev-vars.ts";
import type { StorageSettings } from "../../src/settings.ts";

const BUCKET = "rocket-chat-attachments";

/** What signs for the bucket of a server under test. */
export function storageOf(): StorageSettings {
  const { R2_S3_ENDPOINT = "", R2_ACCESS_KEY_ID = "", R2_SECRET_ACCESS_KEY = "" } = localStorageVars();
  const key = { accessKeyId: R2_ACCESS_KEY_ID, secretAccessKey: R2_SECRET_ACCESS_KEY };
  return { endpoint: R2_S3_ENDPOINT, bucket: BUCKET, ...key };
}

/** The object that a URL names. */
export function keyOf(url: string): string {
  const { pathname } = new URL(url);
  return pathname.slice(pathname.indexOf(`/${BUCKET}/`) + BUCKET.length + 2);
}

/** What the SDK's signer can do besides what its type says. */
interface Presigner {
  presign(request: object, options: object): Promise<{ query?: Record<string, unknown> }>;
}

function canPresign(signer: object): signer is Presigner {
  return "presign" in signer && typeof signer.presign === "function";
}

export class Bucket {
  readonly #client: S3Client;

  /** @param url of the server. */
  constructor(url: string) {
    const { endpoint, accessKeyId, secretAccessKey } = storageOf();
    this.#client = new S3Client({
      endpoint: url + endpoint,
      region: "auto",
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });
  }

  /** How many objects have names that begin so. */
  async count(prefix: string): Promise<number> {
    const { KeyCount = 0 } = await this.#client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }),
    );
    return KeyCount;
  }

  /** Bytes of an object; undefined if there is none. */
  async size(key: string): Promise<number | undefined> {
    const command = new HeadObjectCommand({ Bucket: BUCKET, Key: key });
    try {
      return (await this.#client.send(command)).ContentLength;
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  /** Uploads an object, by the rules of our URLs but with a request of the SDK's own making. */
  async put(key: string, body: Uint8Array, type: string): Promise<void> {
    const what = { Body: body, ContentLength: body.length, ContentType: type };
    await this.#client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, ...what }));
  }

  /** The signature that the SDK gives to the PUT which a URL of ours permits. */
  async signature(url: string, headers: Record<string, string>): Promise<string> {
    const { protocol, hostname, port, host, pathname, searchParams } = new URL(url);
    const signer = await this.#client.config.signer();
    if (!canPresign(signer)) throw new Error("the SDK's signer does not presign");
    const [, year, month, day, hour, minute, second] =
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(searchParams.get("X-Amz-Date") ?? "") ?? [];
    const request = { protocol, hostname, port: Number(port), path: pathname, method: "PUT", query: {} };
    const signed = await signer.presign(
      { ...request, headers: { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD", ...headers } },
      {
        signingDate: new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`),
        expiresIn: Number(searchParams.get("X-Amz-Expires")),
        signableHeaders: new Set(["host", ...Object.keys(headers).map((name) => name.toLowerCase())]),
        // It says how the body is to be treated; in a signed URL that goes without saying.
        unsignableHeaders: new Set(["x-amz-content-sha256"]),
        unhoistableHeaders: new Set(["x-amz-content-sha256"]),
      },
    );
    return String(signed.query?.["X-Amz-Signature"]);
  }
}
