/** Arabic texts of the room. */
import type { Texts } from "../en/index.ts";
import type { room as english } from "../en/room.ts";

export const room: Texts<typeof english> = {
  "room.write": "اكتب رسالة",
  "room.send": "إرسال",
  "room.empty": "لم يُكتب شيء هنا بعد",
  "room.messages": "الرسائل",
  "room.details": "التفاصيل",
};
