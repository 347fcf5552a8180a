/** Arabic texts of the side panels. */
import type { Texts } from "../en/index.ts";
import type { panels as english } from "../en/panels.ts";

export const panels: Texts<typeof english> = {
  "panels.details": "التفاصيل",
  "panels.members": {
    zero: "لا أعضاء",
    one: "عضو واحد",
    two: "عضوان",
    few: "{count} أعضاء",
    many: "{count} عضوًا",
    other: "{count} عضو",
  },
};
