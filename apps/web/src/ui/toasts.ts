/** Short messages at the edge of the page: what has gone wrong, and what was done and can be undone. */

/** A message, and what one can do about it. */
export interface Toast {
  readonly key: number;
  readonly text: string;
  readonly tone: "plain" | "danger";
  readonly action?: { label: string; run: () => void } | undefined;
}

/** How long a message stays, in milliseconds. One that has an action stays longer. */
const STAY_MS = 6_000;
const STAY_WITH_ACTION_MS = 10_000;

let toasts: readonly Toast[] = [];
let count = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** The messages that are shown, for `useSyncExternalStore`. */
export const toastStore = {
  read: (): readonly Toast[] => toasts,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** Takes a message away. */
export function dismissToast(key: number): void {
  set(toasts.filter((one) => one.key !== key));
}

/** Shows a message. The same text is not shown twice at a time. */
export function toast(
  text: string,
  { tone = "plain", action }: Partial<Pick<Toast, "tone" | "action">> = {},
): void {
  count += 1;
  const key = count;
  set([...toasts.filter((one) => one.text !== text), { key, text, tone, action }]);
  setTimeout(() => dismissToast(key), action ? STAY_WITH_ACTION_MS : STAY_MS);
}
