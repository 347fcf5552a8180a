/** Saves an attachment as a file. */
import type { ChatClient } from "@rocket-chat-api/client";

/** Downloads an attachment. @throws ApiError or ConnectionLost. @throws Error if the viewer may not see it. */
export async function download(client: ChatClient, attachmentId: string): Promise<void> {
  const { links } = await client.rest.linkAttachments([attachmentId], true);
  const [link] = links;
  if (!link) throw new Error("there is no such file");
  const anchor = document.createElement("a");
  anchor.href = link.signed_url;
  anchor.rel = "noopener noreferrer";
  // The service says what it is called, and that it is to be saved.
  anchor.download = "";
  anchor.click();
}
