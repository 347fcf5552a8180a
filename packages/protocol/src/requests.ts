/** Message requests: direct chats of strangers (rule 29). */
import { z } from "zod";
import { optional } from "./common.ts";
import { ReportReason } from "./reports.ts";

/** What `POST /conversations/:id/decline` does besides. */
export const DeclineRequest = z
  .object({
    block: optional(z.boolean()).meta({ description: "Also block the other person." }),
    report: optional(ReportReason).meta({ description: "Also report the conversation, for this reason." }),
  })
  .meta({ id: "DeclineRequest" });
export type DeclineRequest = z.infer<typeof DeclineRequest>;
