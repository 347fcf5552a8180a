/** Languages in other scripts. */
import type { Texts } from "./texts.ts";

export const ru: Texts = {
  new_message: "Новое сообщение",
  new_messages: {
    one: "{n} новое сообщение",
    few: "{n} новых сообщения",
    many: "{n} новых сообщений",
    other: "{n} нового сообщения",
  },
  mentioned: "{name} упоминает вас",
  added: "{name} добавляет вас в группу {group}",
  requested: "{name} хочет вам написать",
  image: "Фото",
  video: "Видео",
  audio: "Аудио",
  file: "Файл",
};

export const uk: Texts = {
  new_message: "Нове повідомлення",
  new_messages: {
    one: "{n} нове повідомлення",
    few: "{n} нові повідомлення",
    many: "{n} нових повідомлень",
    other: "{n} нового повідомлення",
  },
  mentioned: "{name} згадує вас",
  added: "{name} додає вас до групи {group}",
  requested: "{name} хоче вам написати",
  image: "Фото",
  video: "Відео",
  audio: "Аудіо",
  file: "Файл",
};

export const ar: Texts = {
  new_message: "رسالة جديدة",
  new_messages: {
    zero: "لا رسائل جديدة",
    one: "رسالة جديدة",
    two: "رسالتان جديدتان",
    few: "{n} رسائل جديدة",
    many: "{n} رسالة جديدة",
    other: "{n} رسالة جديدة",
  },
  mentioned: "أشار إليك {name}",
  added: "أضافك {name} إلى {group}",
  requested: "طلب مراسلة من {name}",
  image: "صورة",
  video: "فيديو",
  audio: "مقطع صوتي",
  file: "ملف",
};

export const he: Texts = {
  new_message: "הודעה חדשה",
  new_messages: { one: "הודעה חדשה", two: "שתי הודעות חדשות", other: "{n} הודעות חדשות" },
  mentioned: "אוזכרת על ידי {name}",
  added: "צורפת אל {group} על ידי {name}",
  requested: "בקשת התכתבות מאת {name}",
  image: "תמונה",
  video: "סרטון",
  audio: "הקלטה",
  file: "קובץ",
};

export const ja: Texts = {
  new_message: "新着メッセージ",
  new_messages: { other: "新着メッセージ{n}件" },
  mentioned: "{name}さんがあなたをメンションしました",
  added: "{name}さんがあなたを{group}に追加しました",
  requested: "{name}さんからメッセージリクエストが届きました",
  image: "写真",
  video: "動画",
  audio: "音声",
  file: "ファイル",
};

export const ko: Texts = {
  new_message: "새 메시지",
  new_messages: { other: "새 메시지 {n}개" },
  mentioned: "{name}님이 회원님을 언급했습니다",
  added: "{name}님이 회원님을 {group}에 추가했습니다",
  requested: "{name}님이 메시지를 보내고 싶어 합니다",
  image: "사진",
  video: "동영상",
  audio: "오디오",
  file: "파일",
};

export const zh: Texts = {
  new_message: "新消息",
  new_messages: { other: "{n} 条新消息" },
  mentioned: "{name} 提到了你",
  added: "{name} 将你加入了 {group}",
  requested: "{name} 想给你发消息",
  image: "图片",
  video: "视频",
  audio: "音频",
  file: "文件",
};

export const hi: Texts = {
  new_message: "नया संदेश",
  new_messages: { one: "{n} नया संदेश", other: "{n} नए संदेश" },
  mentioned: "{name} ने आपका उल्लेख किया",
  added: "{name} ने आपको {group} में जोड़ा",
  requested: "{name} की ओर से संदेश का अनुरोध",
  image: "फ़ोटो",
  video: "वीडियो",
  audio: "ऑडियो",
  file: "फ़ाइल",
};
