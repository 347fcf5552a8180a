/** Who speaks where the server itself does (rule 28). */
import { SYSTEM_USER_ID, type UserSummary } from "@rocket-chat-api/protocol";

/** The server, as a person in events and messages. No user can have its id or its name. */
export const SYSTEM: UserSummary = {
  user_id: SYSTEM_USER_ID,
  username: "system",
  display_name: "System",
  profile_photo_url: null,
};

/** Whether this is the server. */
export function isSystem({ user_id }: Pick<UserSummary, "user_id">): boolean {
  return user_id === SYSTEM_USER_ID;
}
