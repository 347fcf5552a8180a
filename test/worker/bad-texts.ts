/** Texts that are allowed, and that naive code shows, stores, cuts or searches wrongly. */
export const TEXTS = {
  "right-to-left marks": "\u202efdp.exe\u202c \u200f\u061c \u2066x\u2069",
  "marks around a letter": "\u200f\u200bx\u00ad",
  "markup and scripts": "<script>alert(1)</script><img src=x onerror=alert(1)> &amp; {{7*7}} #{7*7}",
  SQL: `'; DROP TABLE messages; -- " \\ %00 %s NULL`,
  "full-text syntax": '"a" OR b* NEAR(c, d) -e col:f ^g (h',
  "line breaks": "a\r\nSet-Cookie: b=c\r\n\u2028d\u2029e\u0085f\x1bg\x7fh",
  "invisible characters": "a\u200b\u200d\u2060\u00adb\ufeffc",
  noncharacters: "\uffff\ufffe\ufdd0\u{1ffff}\u{10ffff}\ue000",
  "marks without a letter": "\u0301\u0302\u20dd",
  "joined emoji": "👩‍❤️‍💋‍👨🏴󠁧󠁢󠁥󠁮󠁧󠁿",
  JSON: '{"type":"message.deleted"}\\u0000\\ud800',
};
