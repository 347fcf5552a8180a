/** Arabic texts of the conversation list. */
import type { Texts } from "../en/index.ts";
import type { list as english } from "../en/list.ts";

export const list: Texts<typeof english> = {
  "list.title": "المحادثات",
  "list.empty": "لا توجد محادثات بعد",
  "list.unread": {
    zero: "لا رسائل غير مقروءة",
    one: "رسالة واحدة غير مقروءة",
    two: "رسالتان غير مقروءتين",
    few: "{count} رسائل غير مقروءة",
    many: "{count} رسالة غير مقروءة",
    other: "{count} رسالة غير مقروءة",
  },
};
