/**
 * Links for `<img>` and `<video>`, which can send no token: those that came with messages, the others asked for together;
 * kept until they end.
 */
import type { Attachment } from "@rocket-chat-api/protocol";
import { MAX_LINKS } from "@rocket-chat-api/protocol/facts";
import type { UploadClient } from "./host.ts";

/** An attachment as a message has it. What came by REST holds a link, what came over the socket does not. */
export type LinkedAttachment = Pick<Attachment, "attachment_id" | "signed_url" | "signed_url_expires_at">;

interface Kept {
  link: Promise<string | undefined>;
  /** The link, once it is here. */
  url: string | undefined;
  /** When it is asked for again, in milliseconds since 1970. */
  until: number;
}

/** A link is not used in its last minute: what is shown must still load. */
const SPARE_MS = 60_000;
/** A link that the service did not give is asked for again after this. */
const REFUSED_MS = 30_000;
/** No more links are kept: an old one can be asked for again. */
const MAX_KEPT = 500;

export class AttachmentUrls {
  readonly #client: UploadClient;
  readonly #kept = new Map<string, Kept>();
  #batch: Map<string, (link: Link) => void> | undefined;

  constructor(client: UploadClient) {
    this.#client = client;
  }

  /**
   * A link to an attachment. It works for at least a minute, and for 15 at most: ask again when you show it again.
   * @param attachment as its message has it: a link that came with it is used before one is asked for. Or its id.
   * @returns undefined if the viewer may not see it, or nothing could be asked.
   */
  async get(attachment: string | LinkedAttachment): Promise<string | undefined> {
    const url = this.known(attachment);
    if (url !== undefined) return url;
    const id = idOf(attachment);
    const asked = this.#kept.get(id);
    if (asked && asked.until > Date.now()) return await asked.link;
    const kept: Kept = { link: Promise.resolve(undefined), url: undefined, until: Number.POSITIVE_INFINITY };
    kept.link = this.#ask(id).then(({ url: given, until }) => {
      kept.url = given;
      kept.until = until;
      return given;
    });
    this.#keep(id, kept);
    return await kept.link;
  }

  /**
   * The link that is known already, for what is drawn at once; undefined if one must be asked for. The same link for as long
   * as it lasts, so that a picture that is shown is not loaded again.
   */
  known(attachment: string | LinkedAttachment): string | undefined {
    const now = Date.now();
    const kept = this.#kept.get(idOf(attachment));
    if (kept?.url !== undefined && kept.until > now) return kept.url;
    if (typeof attachment === "string") return undefined;
    const { attachment_id, signed_url: url, signed_url_expires_at: end } = attachment;
    const until = end === undefined ? 0 : Date.parse(end) - SPARE_MS;
    if (url === undefined || !(until > now)) return undefined;
    this.#keep(attachment_id, { link: Promise.resolve(url), url, until });
    return url;
  }

  #keep(id: string, kept: Kept): void {
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  async #ask(attachmentId: string): Promise<Link> {
    return await new Promise((resolve) => {
      if (!this.#batch || this.#batch.size >= MAX_LINKS) {
        const batch = new Map<string, (link: Link) => void>();
        this.#batch = batch;
        // After all pictures of this turn have asked.
        void Promise.resolve().then(() => this.#fetch(batch));
      }
      this.#batch.set(attachmentId, resolve);
    });
  }

  async #fetch(batch: Map<string, (link: Link) => void>): Promise<void> {
    if (this.#batch === batch) this.#batch = undefined;
    const answer = await this.#client.rest.linkAttachments([...batch.keys()]).catch(() => ({ links: [] }));
    const links = new Map(answer.links.map((link) => [link.attachment_id, link]));
    for (const [id, resolve] of batch) {
      const link = links.get(id);
      if (!link) resolve({ url: undefined, until: Date.now() + REFUSED_MS });
      else resolve({ url: link.signed_url, until: Date.parse(link.signed_url_expires_at) - SPARE_MS });
    }
  }
}

function idOf(attachment: string | LinkedAttachment): string {
  return typeof attachment === "string" ? attachment : attachment.attachment_id;
}

interface Link {
  url: string | undefined;
  until: number;
}
