/** Texts of the room. */
export const room = {
  "room.write": "Write a message",
  "room.send": "Send",
  "room.empty": "Nothing has been said here yet",
  "room.messages": "Messages",
  "room.details": "Details",
} as const;
