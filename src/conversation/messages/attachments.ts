/** Attachments of messages: access, and what the directory gets. */

import type { Message } from "@rocket-chat-api/protocol";
import { inArray } from "drizzle-orm";
import type {
  AttachmentClaim,
  AttachmentMark,
  AttachmentService,
  ShownUpload,
  StoredAttachment,
} from "../../domain/attachments.ts";
import { toAttachment } from "../../domain/attachments.ts";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import { carrying } from "../../realtime/traced-calls.ts";
import { currentTrace } from "../../tracing.ts";
import { withheldAmong } from "../state/evidence.ts";
import type { MessagePart } from "../state/message-part.ts";
import { oneOf } from "../state/one-of.ts";
import type { Room } from "../state/room.ts";
import { attachments } from "../state/schema.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import { visible } from "../state/visibility.ts";

/** The Worker's entrypoint for attachments. */
export function attachmentService(ctx: DurableObjectState): AttachmentService {
  // The platform's types know the exports of the main module only if a module is declared.
  return (ctx.exports as unknown as { Attachments: AttachmentService }).Attachments;
}

/** Confirms uploads, each only once at a time: a retry during a check waits for it. */
export class Confirmations {
  readonly #attachmentService: AttachmentService;
  readonly #running = new Map<string, Promise<Outcome<StoredAttachment[]>>>();

  constructor(attachmentService: AttachmentService) {
    this.#attachmentService = attachmentService;
  }

  async confirm(claim: AttachmentClaim): Promise<Outcome<StoredAttachment[]>> {
    const { user_id, type, attachment_ids } = claim;
    const key = JSON.stringify([user_id, type, attachment_ids]);
    const running = this.#running.get(key) ?? this.#start(key, claim);
    return await running;
  }

  async #start(key: string, claim: AttachmentClaim): Promise<Outcome<StoredAttachment[]>> {
    const running = carrying(this.#attachmentService, currentTrace()).confirm(claim);
    this.#running.set(key, running);
    try {
      return await running;
    } finally {
      this.#running.delete(key);
    }
  }
}

type AttachmentBinding = typeof attachments.$inferSelect;

export const attachmentsPart: MessagePart<Pick<Message, "attachments">> = {
  from: "sender",
  empty: { attachments: [] },
  load: () => (row) => ({ attachments: (row.attachments ?? []).map(toAttachment) }),
  // Bound attachments are never deleted from this table, so that no file is sent twice.
  cleared: { attachments: null },
  clear: () => undefined,
  redact: () => ({ attachments: [] }),
};

/** Records which message has these attachments, permanently, so that none is sent twice. */
export function bindAttachments({ store }: Room, seq: number, attachmentIds: readonly string[]): void {
  for (const attachment_id of attachmentIds)
    store.db.insert(attachments).values({ attachment_id, seq }).run();
}

/** The messages that have or had some of these attachments. */
export function boundAmong({ store }: Room, attachmentIds: readonly string[]): AttachmentBinding[] {
  return store.db
    .select()
    .from(attachments)
    .where(inArray(attachments.attachment_id, oneOf(attachmentIds)))
    .all();
}

/** The attachments that these messages have or had. */
function attachmentsOf({ store }: Room, seqs: readonly number[]): AttachmentBinding[] {
  if (seqs.length === 0) return [];
  return store.db
    .select()
    .from(attachments)
    .where(inArray(attachments.seq, oneOf(seqs)))
    .all();
}

/** Finds an attachment of a message that the member can see. */
export function attachment(room: Room, member: MemberRow, id: string): Outcome<StoredAttachment> {
  const [binding] = boundAmong(room, [id]);
  const message = binding && visible(room, member, binding.seq);
  const stored = message?.attachments?.find(({ attachment_id }) => attachment_id === id);
  return stored ? found(stored) : refused("NOT_FOUND", "No such attachment");
}

/** Finds an attachment of a message that is not deleted. It asks for no member: the link was made for one who could see it. */
export function linkedAttachment(room: Room | undefined, id: string): Outcome<StoredAttachment> {
  const [binding] = room ? boundAmong(room, [id]) : [];
  const message = binding && room?.store.message(binding.seq);
  const stored = message?.attachments?.find(({ attachment_id }) => attachment_id === id);
  return stored ? found(stored) : refused("NOT_FOUND", "No such attachment");
}

/** The attachments among these that a message still shows, or may show again. */
export function shownAmong(room: Room | undefined, ids: readonly string[]): string[] {
  if (!room) return [];
  const seqs = [...new Set(boundAmong(room, ids).map((binding) => binding.seq))];
  // A withheld message shows them again when it comes back.
  const rows = [...room.store.messagesAt(seqs), ...withheldAmong(room, seqs)];
  const shown = rows.flatMap((message) => message.attachments ?? []);
  const wanted = new Set(ids);
  return shown.map(({ attachment_id }) => attachment_id).filter((id) => wanted.has(id));
}

/** What to tell the directory about attachments of changed messages. */
export function marksOf(room: Room, messages: readonly MessageRow[]): AttachmentMark[] {
  const carriers = messages.filter(({ type }) => type !== "text" && type !== "system");
  const bySeq = new Map(carriers.map((row) => [row.seq, row]));
  return attachmentsOf(room, [...bySeq.keys()]).map(({ attachment_id, seq }) => {
    const row = bySeq.get(seq);
    if (!row || row.deleted_at !== null) return { attachment_id, state: "deleted" };
    const stored = row.attachments?.find((one) => one.attachment_id === attachment_id);
    return { attachment_id, state: "bound", ...(stored && { shown: uploadOf(row, stored) }) };
  });
}

/** An upload as a message knows it. What was uploaded first is swept by its hour, so half of the token will do. */
function uploadOf({ sender_id, created_at }: MessageRow, stored: StoredAttachment): ShownUpload {
  const { key, ...shown } = stored;
  const [, , half] = key?.split("/") ?? [];
  const isRandom = half !== undefined && half !== "checked";
  const key_token = isRandom ? half.padStart(2 * half.length, "0") : null;
  return { ...shown, uploader_id: sender_id, created_at, key_token };
}
