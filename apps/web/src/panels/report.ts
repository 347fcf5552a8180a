/** Opens the dialog that reports something to the app's moderators, from anywhere: `openReport({ message_id })`. */
import type { Message } from "@rocket-chat-api/client";

/** What is reported: one of the three, as the API takes it. */
export type ReportTarget = { message_id: string } | { user_id: string } | { conversation_id: string };

/** What the dialog says besides. */
export interface ReportOptions {
  /** The name of the person whom it is about; undefined where it is about nobody alone. */
  name?: string;
  /** The person's id, so that they can be blocked too. Missing in a report of the reporter or of a group. */
  blockable?: string;
  /** Called once the report has arrived. */
  onDone?: () => void;
}

/** A report that is being written. */
export interface OpenReport extends ReportOptions {
  target: ReportTarget;
}

let current: OpenReport | null = null;
const listeners = new Set<() => void>();

function set(next: OpenReport | null): void {
  current = next;
  for (const listener of listeners) listener();
}

/** Asks the viewer for a reason, and reports. The focus goes back to where it was. */
export function openReport(target: ReportTarget, options: ReportOptions = {}): void {
  set({ ...options, target });
}

/** Reports a message. Its sender can be blocked as well. */
export function reportMessage({ message_id, sender, sender_id }: Message): void {
  openReport({ message_id }, { name: sender.display_name, blockable: sender_id });
}

/** Closes the dialog. */
export function closeReport(): void {
  set(null);
}

/** The report that is being written, for `useSyncExternalStore`. */
export const reportStore = {
  read: (): OpenReport | null => current,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
