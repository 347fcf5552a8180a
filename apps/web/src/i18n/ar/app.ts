/** Arabic texts of the frame. */
import type { app as english } from "../en/app.ts";
import type { Texts } from "../en/index.ts";

export const app: Texts<typeof english> = {
  "app.title": "الدردشة",
  "app.back": "رجوع",
  "app.close": "إغلاق",
  "app.cancel": "إلغاء",
  "app.save": "حفظ",
  "app.retry": "إعادة المحاولة",
  "app.loading": "جارٍ التحميل",
  "app.more": "المزيد",
  "app.dismiss": "تجاهل",
  "app.panel": "اللوحة الجانبية",
  "app.skip": "انتقل إلى المحادثة",
  "app.nothing_open": "محادثاتك",
  "app.nothing_open_hint": "اختر محادثة من القائمة أو ابدأ محادثة جديدة.",
  "app.offline": "أنت غير متصل. سيُرسَل ما تكتبه عند عودة الاتصال.",
  "app.reconnecting": "جارٍ الاتصال…",
  "app.failed": "حدث خطأ: {reason}",
  "app.panel_failed": "تعذّر تحميل هذا الجزء من الصفحة.",
};
