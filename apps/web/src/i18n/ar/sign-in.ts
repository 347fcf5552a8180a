/** Arabic texts of the sign-in. */
import type { Texts } from "../en/index.ts";
import type { signIn as english } from "../en/sign-in.ts";

export const signIn: Texts<typeof english> = {
  "sign_in.title": "من أنت؟",
  "sign_in.hint": "ثلاثة أشخاص تجريبيون للتطوير على هذا الجهاز. لا حاجة لكتابة شيء.",
  "sign_in.as": "الدخول باسم {name}",
  "sign_in.other_window": "افتح {name} في نافذة أخرى",
  "sign_in.none": "لم تسجّل الدخول",
  "sign_in.none_hint": "افتح هذه الدردشة من التطبيق الذي جئت منه، فهو يسجّل دخولك.",
  "sign_in.ended": "انتهت جلستك. سجّل الدخول من جديد.",
  "sign_in.out": "تسجيل الخروج",
};
