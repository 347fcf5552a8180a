/** The reactions that are one press away. */

/** Until one has reacted, these are. */
const USUAL: readonly string[] = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
const STORED = "chat.reactions";

/** The reactions of the quick row: those used last, then the usual ones. */
export function quickReactions(): readonly string[] {
  const used = (localStorage.getItem(STORED) ?? "").split(" ").filter((one) => one !== "");
  return [...new Set([...used, ...USUAL])].slice(0, USUAL.length);
}

/** Notes that a reaction was used which is not in the quick row. */
export function noteReaction(emoji: string): void {
  const known = quickReactions();
  if (known.includes(emoji)) return;
  localStorage.setItem(STORED, [emoji, ...known].slice(0, USUAL.length).join(" "));
}
