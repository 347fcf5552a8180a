/** Uploads for tests. The bucket is written directly here; test/server/attachments.ts does it by the signed URL. */
import { env } from "cloudflare:workers";
import type { AttachmentType, UploadPermission } from "@rocket-chat-api/protocol";
import { expect } from "vitest";
import { SAMPLES } from "../attachments/samples.ts";
import { type Answer, api, group, type Person, people, request } from "./kit.ts";

/** A file to be sent. */
export interface File {
  bytes: Uint8Array;
  mime_type: string;
  attachment_type: AttachmentType;
  file_name: string;
}

/** A sample of this MIME type. */
export function sample(mime_type: string, attachment_type: AttachmentType, extra: Partial<File> = {}): File {
  return {
    bytes: SAMPLES[mime_type] ?? new Uint8Array([1]),
    mime_type,
    attachment_type,
    file_name: "sample",
    ...extra,
  };
}

export const PNG = sample("image/png", "image", { file_name: "photo.png" });

/** Asks for an upload URL. */
export async function askUpload(
  who: Person,
  conversation_id: string,
  file: File,
  extra: object = {},
): Promise<Answer> {
  const { bytes, ...described } = file;
  const body = { conversation_id, file_size: bytes.length, ...described, ...extra };
  return await api(who, "POST", "/messages/attachments/upload-url", body);
}

/** Where an upload goes in the bucket. */
export function keyOf(permission: Pick<UploadPermission, "upload_url">): string {
  return new URL(permission.upload_url).pathname.split("/").slice(2).join("/");
}

/** The guide's first two steps. @returns the attachment's id. */
export async function upload(
  who: Person,
  conversationId: string,
  file: File,
  extra: object = {},
): Promise<string> {
  const { status, body } = await askUpload(who, conversationId, file, extra);
  expect([status, status === 200 ? undefined : body]).toEqual([200, undefined]);
  await env.ATTACHMENTS.put(keyOf(body), file.bytes, { httpMetadata: { contentType: file.mime_type } });
  return body.attachment_id;
}

/** The guide's third step. */
export async function sendAttached(who: Person, conversationId: string, body: object): Promise<Answer> {
  return await api(who, "POST", `/conversations/${conversationId}/messages`, { type: "image", ...body });
}

/** All three steps. */
export async function sendFile(who: Person, conversationId: string, file: File = PNG) {
  const attachment_id = await upload(who, conversationId, file);
  const { body } = await sendAttached(who, conversationId, { type: file.attachment_type, attachment_id });
  return { attachment_id, message_id: body.message_id as string, url: body.attachments[0].url as string };
}

/** A group of two. */
export async function pair() {
  const [ann, bob] = await people("ann", "bob");
  return { ann, bob, id: await group(ann, [bob]) };
}

/** Keys of everything that the bucket holds for a conversation: checked bytes first, then uploads. */
export async function stored(conversationId: string): Promise<string[]> {
  const [checked, uploads] = await Promise.all(
    [conversationId, "uploads/"].map((prefix) => env.ATTACHMENTS.list({ prefix })),
  );
  // An attachment's id begins as its conversation's does.
  const own = `/${conversationId.slice(0, -12)}`;
  const keys = [...(checked?.objects ?? []), ...(uploads?.objects ?? [])].map(({ key }) => key);
  return keys.filter((key) => key.startsWith(conversationId) || key.includes(own));
}

/** Fetches an attachment, as bytes. */
export async function fetchBytes(
  who: Person | undefined,
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<{ status: number; headers: Headers; bytes: Uint8Array }> {
  const authorization: Record<string, string> = who ? { authorization: `Bearer ${who.token}` } : {};
  const response = await request(path, { method, headers: { ...authorization, ...headers } });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
}

/** What the directory knows of an attachment. */
export async function rowOf(id: string): Promise<Record<string, unknown> | null> {
  return await env.DB.prepare("SELECT * FROM attachments WHERE attachment_id = ?").bind(id).first();
}
