import type { Message } from "@rocket-chat-api/client";
import { useMemo } from "react";
import { classes } from "../../ui/classes.ts";
import { useRights } from "../use-rights.ts";
import styles from "./MessageText.module.css";
import { useRowTab } from "./row-tab.ts";
import { partsOf } from "./text-parts.ts";

/** The text of a message, with links and mentions. */
export function MessageText({ message }: { message: Message }) {
  const { viewerId } = useRights();
  const tab = useRowTab();
  const { content, mentions, mentions_all } = message;
  const parts = useMemo(
    () => partsOf({ content, mentions, mentions_all }, viewerId),
    [content, mentions, mentions_all, viewerId],
  );
  return parts.map((part, index) => {
    // Parts have no ids of their own, and a text is replaced as a whole.
    const key = `${index}-${part.kind}`;
    if (part.kind === "text") return part.text;
    if (part.kind === "mention") {
      return (
        <span key={key} className={classes(styles.mention, part.isMine && styles.mine)}>
          {part.text}
        </span>
      );
    }
    return (
      <a
        key={key}
        className={styles.link}
        href={part.href}
        target="_blank"
        rel="noopener noreferrer"
        tabIndex={tab}
      >
        {part.text}
      </a>
    );
  });
}
