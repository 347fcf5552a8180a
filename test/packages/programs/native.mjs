// An entry as an app for React Native has it: everything that the packages offer there.
import * as client from "@rocket-chat-api/client";
import * as list from "@rocket-chat-api/client/list";
import * as live from "@rocket-chat-api/client/live";
import * as outgoing from "@rocket-chat-api/client/outgoing";
import * as push from "@rocket-chat-api/client/push";
import * as safety from "@rocket-chat-api/client/safety";
import * as upload from "@rocket-chat-api/client/upload";
import * as hooks from "@rocket-chat-api/react";

const { ChatClient } = client;
const made = new ChatClient({ url: "https://chat.example.com", token: () => "", device_id: "phone" });
const parts = [
  list.ConversationList,
  live.Live,
  outgoing.Outgoing,
  push.Push,
  safety.Blocks,
  upload.AttachmentUrls,
  upload.upload,
  hooks.ChatProvider,
  hooks.useConversations,
  hooks.useMessages,
  hooks.useSend,
  hooks.useTyping,
  hooks.usePresence,
  hooks.useAttachmentUrl,
];
const found = parts.filter((one) => typeof one === "function").length;
console.log(`ChatClient ${made.status}, ${found} entries and hooks`);
