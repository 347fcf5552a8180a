/** How any part of the page asks for the report dialog. */
import type { Message } from "@rocket-chat-api/client";

/** The name of the event that asks for the dialog. */
export const REPORT_EVENT = "chat:report";

/** Opens the dialog in which a message is reported. */
export function openReport(message: Message): void {
  window.dispatchEvent(new CustomEvent<Message>(REPORT_EVENT, { detail: message }));
}
