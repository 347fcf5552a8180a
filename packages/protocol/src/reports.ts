/** Reports of users (rule 29). */
import { z } from "zod";

export const ReportReason = z
  .enum(["spam", "harassment", "hate", "violence", "sexual", "self_harm", "illegal", "other"])
  .meta({ id: "ReportReason" });
export type ReportReason = z.infer<typeof ReportReason>;
