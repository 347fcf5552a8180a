/** Who may write to a user, who may add them to groups, and what others learn of them (rule 29). */
import { z } from "zod";
import { optional } from "./common.ts";

/** Who may begin to write: everybody, who shares a group with the user, or only contacts. */
export const WhoCanMessage = z.enum(["everyone", "shared_conversation", "nobody"]);
export type WhoCanMessage = z.infer<typeof WhoCanMessage>;

/** Who may add the user to groups. */
export const WhoCanAdd = z.enum(["everyone", "contacts", "nobody"]);
export type WhoCanAdd = z.infer<typeof WhoCanAdd>;

/** A user's own privacy settings. */
export const Privacy = z
  .strictObject({
    who_can_message: WhoCanMessage.meta({
      description: "Who may begin to write to me. Direct chats that I have accepted go on.",
    }),
    who_can_add: WhoCanAdd.meta({
      description:
        "Who may add me to groups. A contact is somebody with whom I have an accepted direct chat.",
    }),
    read_receipts: z.boolean().meta({ description: "Whether others learn what I have read." }),
    last_seen: z.boolean().meta({ description: "Whether others learn when I was last online." }),
  })
  .meta({ id: "Privacy" });
export type Privacy = z.infer<typeof Privacy>;

/** What a user has who has set nothing. */
export const DEFAULT_PRIVACY: Readonly<Privacy> = {
  who_can_message: "everyone",
  who_can_add: "everyone",
  read_receipts: true,
  last_seen: true,
};

/** What changes privacy settings. What it leaves out stays. */
export const UpdatePrivacy = z
  .object({
    who_can_message: optional(WhoCanMessage),
    who_can_add: optional(WhoCanAdd),
    read_receipts: optional(z.boolean()),
    last_seen: optional(z.boolean()),
  })
  .refine(
    (patch) => Object.values(patch).some((value) => value !== undefined),
    "must contain at least one change",
  )
  .meta({ id: "UpdatePrivacy" });
export type UpdatePrivacy = z.infer<typeof UpdatePrivacy>;
