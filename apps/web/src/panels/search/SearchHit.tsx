import type { SearchResult } from "@rocket-chat-api/client";
import { useMembers } from "@rocket-chat-api/react";
import { useI18n } from "../../i18n/i18n.tsx";
import { jumpLink } from "../jump.ts";
import hits from "../parts/hits.module.css";
import { moment } from "../times.ts";
import { piecesOf } from "./highlight.ts";

/** What {@link SearchHit} takes. */
export interface SearchHitProps {
  result: SearchResult;
  /** The panel that stays open beside the room. */
  panel: string;
  /** Whether all results are of one conversation, whose name need not stand in each. */
  isHere: boolean;
}

/** One message that was found. It leads to its place in the room. */
export function SearchHit({ result, panel, isHere }: SearchHitProps) {
  const { language } = useI18n();
  const { conversation_id, message_id, conversation_name, sender_username, highlight, created_at } = result;
  const members = useMembers(conversation_id);
  const sender =
    members.find(({ username }) => username === sender_username)?.display_name ?? sender_username;
  return (
    <li className={hits.hit}>
      <a className={hits.link} {...jumpLink(conversation_id, message_id, panel)}>
        <span className={hits.head}>
          <bdi className={hits.where}>{isHere ? sender : conversation_name}</bdi>
          <time className={hits.when} dateTime={created_at}>
            {moment(new Date(created_at), new Date(), language)}
          </time>
        </span>
        <span className={hits.text} dir="auto">
          {!isHere && sender !== conversation_name && (
            <span className={hits.sender}>
              <bdi>{sender}</bdi>:{" "}
            </span>
          )}
          {piecesOf(highlight).map(({ text, isMatch }, at) => {
            const key = `${at}-${text}`;
            return isMatch ? <mark key={key}>{text}</mark> : <span key={key}>{text}</span>;
          })}
        </span>
      </a>
    </li>
  );
}
