/** Links for `<img>` and `<video>`, which can send no token: asked for together, kept until they end. */
import { MAX_LINKS } from "@rocket-chat-api/protocol/facts";
import type { UploadClient } from "./host.ts";

interface Kept {
  link: Promise<string | undefined>;
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
   * @returns undefined if the viewer may not see it, or nothing could be asked.
   */
  async get(attachmentId: string): Promise<string | undefined> {
    const known = this.#kept.get(attachmentId);
    if (known && known.until > Date.now()) return await known.link;
    const kept: Kept = { link: Promise.resolve(undefined), until: Number.POSITIVE_INFINITY };
    kept.link = this.#ask(attachmentId).then(({ url, until }) => {
      kept.until = until;
      return url;
    });
    this.#kept.delete(attachmentId);
    this.#kept.set(attachmentId, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return await kept.link;
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

interface Link {
  url: string | undefined;
  until: number;
}
