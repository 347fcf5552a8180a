/** Languages in Latin script. */
import type { Texts } from "./texts.ts";

export const en: Texts = {
  new_message: "New message",
  new_messages: { one: "{n} new message", other: "{n} new messages" },
  mentioned: "{name} mentioned you",
  added: "{name} added you to {group}",
  requested: "{name} wants to write to you",
  image: "Photo",
  video: "Video",
  audio: "Audio",
  file: "File",
};

export const de: Texts = {
  new_message: "Neue Nachricht",
  new_messages: { one: "{n} neue Nachricht", other: "{n} neue Nachrichten" },
  mentioned: "{name} hat dich erwähnt",
  added: "{name} hat dich zu {group} hinzugefügt",
  requested: "{name} möchte dir schreiben",
  image: "Foto",
  video: "Video",
  audio: "Audio",
  file: "Datei",
};

export const fr: Texts = {
  new_message: "Nouveau message",
  new_messages: { one: "{n} nouveau message", other: "{n} nouveaux messages" },
  mentioned: "{name} vous a mentionné",
  added: "{name} vous a ajouté à {group}",
  requested: "{name} souhaite vous écrire",
  image: "Photo",
  video: "Vidéo",
  audio: "Audio",
  file: "Fichier",
};

export const es: Texts = {
  new_message: "Mensaje nuevo",
  new_messages: { one: "{n} mensaje nuevo", other: "{n} mensajes nuevos" },
  mentioned: "{name} te ha mencionado",
  added: "{name} te ha añadido a {group}",
  requested: "{name} quiere escribirte",
  image: "Foto",
  video: "Vídeo",
  audio: "Audio",
  file: "Archivo",
};

export const pt: Texts = {
  new_message: "Nova mensagem",
  new_messages: { one: "{n} nova mensagem", other: "{n} novas mensagens" },
  mentioned: "{name} mencionou você",
  added: "{name} adicionou você a {group}",
  requested: "{name} quer escrever para você",
  image: "Foto",
  video: "Vídeo",
  audio: "Áudio",
  file: "Arquivo",
};

export const it: Texts = {
  new_message: "Nuovo messaggio",
  new_messages: { one: "{n} nuovo messaggio", other: "{n} nuovi messaggi" },
  mentioned: "{name} ti ha menzionato",
  added: "{name} ti ha aggiunto a {group}",
  requested: "{name} vuole scriverti",
  image: "Foto",
  video: "Video",
  audio: "Audio",
  file: "File",
};

export const tr: Texts = {
  new_message: "Yeni mesaj",
  new_messages: { other: "{n} yeni mesaj" },
  mentioned: "{name} senden bahsetti",
  added: "{name} seni {group} grubuna ekledi",
  requested: "{name} sana yazmak istiyor",
  image: "Fotoğraf",
  video: "Video",
  audio: "Ses",
  file: "Dosya",
};

export const nl: Texts = {
  new_message: "Nieuw bericht",
  new_messages: { one: "{n} nieuw bericht", other: "{n} nieuwe berichten" },
  mentioned: "{name} heeft je genoemd",
  added: "{name} heeft je toegevoegd aan {group}",
  requested: "{name} wil je een bericht sturen",
  image: "Foto",
  video: "Video",
  audio: "Audio",
  file: "Bestand",
};

export const pl: Texts = {
  new_message: "Nowa wiadomość",
  new_messages: {
    one: "{n} nowa wiadomość",
    few: "{n} nowe wiadomości",
    many: "{n} nowych wiadomości",
    other: "{n} nowej wiadomości",
  },
  mentioned: "{name} wspomina o Tobie",
  added: "{name} dodaje Cię do grupy {group}",
  requested: "{name} chce do Ciebie napisać",
  image: "Zdjęcie",
  video: "Wideo",
  audio: "Audio",
  file: "Plik",
};

export const id: Texts = {
  new_message: "Pesan baru",
  new_messages: { other: "{n} pesan baru" },
  mentioned: "{name} menyebut Anda",
  added: "{name} menambahkan Anda ke {group}",
  requested: "{name} ingin mengirim pesan kepada Anda",
  image: "Foto",
  video: "Video",
  audio: "Audio",
  file: "Berkas",
};
