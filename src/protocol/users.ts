/** Users, as everybody sees them. */
import { z } from "zod";
import { boundedText, HttpUrl, limitParam, optional, Timestamp } from "./common.ts";
import { Uuid } from "./ids.ts";
import { DEFAULT_LIST_LIMIT, MAX_DISPLAY_NAME_LENGTH } from "./limits.ts";

/** Lower-cased first; the shape that a mention can name. */
export const Username = z
  .string()
  .toLowerCase()
  .regex(/^[a-z0-9_.-]{3,32}$/);

export const DisplayName = boundedText(1, MAX_DISPLAY_NAME_LENGTH);

const profileShape = {
  user_id: Uuid,
  username: z.string(),
  display_name: z.string(),
  profile_photo_url: z.string().nullable(),
};

/** What travels with a message: the guide's `sender`. */
export const UserSummary = z.strictObject(profileShape).meta({ id: "UserSummary" });
export type UserSummary = z.infer<typeof UserSummary>;

export const PresenceStatus = z.enum(["online", "away", "offline"]);
export type PresenceStatus = z.infer<typeof PresenceStatus>;

export const User = z
  .strictObject({ ...profileShape, is_online: z.boolean(), last_seen_at: Timestamp.nullable() })
  .meta({ id: "User" });
export type User = z.infer<typeof User>;

export const UpdateMe = z
  .object({ display_name: optional(DisplayName), profile_photo_url: HttpUrl.nullable().optional() })
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), "nothing to change")
  .meta({ id: "UpdateMe" });
export type UpdateMe = z.infer<typeof UpdateMe>;

export const UserSearchQuery = z.object({
  q: boundedText(1, MAX_DISPLAY_NAME_LENGTH),
  limit: limitParam(DEFAULT_LIST_LIMIT),
});

export const UserList = z.strictObject({ users: z.array(User) }).meta({ id: "UserList" });
