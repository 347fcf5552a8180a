/** Attachments of messages: who may fetch them, which are still shown, and what the directory learns. */
import type {
  AttachmentClaim,
  AttachmentMark,
  AttachmentService,
  StoredAttachment,
} from "../../domain/attachments.ts";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import { visible } from "../state/visibility.ts";

/** The Worker's own entrypoint for attachments, beside this object. */
export function attachmentService(ctx: DurableObjectState): AttachmentService {
  // The platform's types know the exports of the main module only where one is declared.
  return (ctx.exports as unknown as { Attachments: AttachmentService }).Attachments;
}

/** Has uploads confirmed, each once at a time: a retry that comes while a file is being checked waits for that. */
export class Confirmations {
  readonly #attachmentService: AttachmentService;
  readonly #running = new Map<string, Promise<Outcome<StoredAttachment[]>>>();

  constructor(desk: AttachmentService) {
    this.#attachmentService = desk;
  }

  async confirm(claim: AttachmentClaim): Promise<Outcome<StoredAttachment[]>> {
    const { user_id, type, attachment_ids } = claim;
    const key = JSON.stringify([user_id, type, attachment_ids]);
    const running = this.#running.get(key) ?? this.#start(key, claim);
    return await running;
  }

  async #start(key: string, claim: AttachmentClaim): Promise<Outcome<StoredAttachment[]>> {
    const running = this.#attachmentService.confirm(claim);
    this.#running.set(key, running);
    try {
      return await running;
    } finally {
      this.#running.delete(key);
    }
  }
}

/** An attachment that a member may fetch: of a message that they can see. */
export function attachment(room: Room, member: MemberRow, id: string): Outcome<StoredAttachment> {
  const [binding] = room.notes.boundAmong([id]);
  const message = binding && visible(room, member, binding.seq);
  const stored = message?.attachments?.find(({ attachment_id }) => attachment_id === id);
  return stored ? found(stored) : refused("NOT_FOUND", "No such attachment");
}

/** Those among these attachments that a message still shows. */
export function shownAmong(room: Room, ids: readonly string[]): string[] {
  const seqs = new Set(room.notes.boundAmong(ids).map((binding) => binding.seq));
  const shown = room.store.messagesAt([...seqs]).flatMap((message) => message.attachments ?? []);
  const wanted = new Set(ids);
  return shown.map(({ attachment_id }) => attachment_id).filter((id) => wanted.has(id));
}

/** What the directory learns of the attachments of changed messages. */
export function marksOf(room: Room, messages: readonly MessageRow[]): AttachmentMark[] {
  const carriers = messages.filter(({ type }) => type !== "text" && type !== "system");
  const deleted = new Set(carriers.filter((row) => row.deleted_at !== null).map((row) => row.seq));
  return room.notes.attachmentsOf(carriers.map((row) => row.seq)).map(({ attachment_id, seq }) => ({
    attachment_id,
    state: deleted.has(seq) ? "deleted" : "bound",
  }));
}
