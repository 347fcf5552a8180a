/** What uploads and links need of a client. A `ChatClient` is one. */
import type { AttachmentLinks } from "@rocket-chat-api/protocol";

/**
 * The client that they belong to. An interface and not the class: this entry of the package is built by itself, and takes
 * the client of the main entry.
 */
export interface UploadClient {
  readonly rest: {
    readonly http: {
      request<T>(
        method: string,
        path: string,
        options?: { body?: unknown; signal?: AbortSignal },
      ): Promise<T>;
    };
    linkAttachments(attachmentIds: readonly string[], download?: boolean): Promise<AttachmentLinks>;
  };
}
