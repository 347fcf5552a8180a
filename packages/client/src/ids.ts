/** What an id says, by the protocol's own rules. */
export { conversationOf, messageId as messageIdAt, seqOf } from "@rocket-chat-api/protocol/facts";
