/** Reads the `meta` and `moov` boxes of an AVIF: items, where their bytes are, and how they are shown. */
import { type Box, boxesIn } from "./boxes.ts";
import { name4, uint16, uint32 } from "./bytes.ts";
import { BrokenImage, type Findings, type Range } from "./image-findings.ts";

/** Types of metadata items: EXIF, XMP and other texts, links. */
const NOTES: ReadonlySet<string> = new Set(["Exif", "mime", "uri "]);
/** Bytes of the version and flags at the start of many boxes. */
const VERSION_BYTES = 4;

/** Reads big-endian numbers one after the other. */
class Cursor {
  readonly #body: Uint8Array;
  at: number;

  constructor(body: Uint8Array, at = VERSION_BYTES) {
    this.#body = body;
    this.at = at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#body.length;
  }

  read(bytes: number): number {
    let value = 0;
    for (let i = 0; i < bytes; i++) value = value * 0x100 + (this.#body[this.at + i] ?? 0);
    this.at += bytes;
    return value;
  }
}

/** Boxes of a movie and of its tracks that are needed to show it. */
const MOVIE: ReadonlySet<string> = new Set(["mvhd", "mvex", "trak"]);
const TRACK: ReadonlySet<string> = new Set(["tkhd", "mdia", "edts", "tref"]);

const version = ({ body }: Box) => body[0] ?? 0;

/** Reads the `meta` box. @throws BrokenImage */
export function readMeta(meta: Box, found: Findings): void {
  const boxes = new Map<string, Box>();
  // Only the first box of each type counts.
  for (const box of boxesIn(meta, found, VERSION_BYTES)) if (!boxes.has(box.type)) boxes.set(box.type, box);
  const [items, places, properties, primary] = ["iinf", "iloc", "iprp", "pitm"].map((type) =>
    boxes.get(type),
  );
  if (properties)
    measure(properties, primary && new Cursor(primary.body).read(version(primary) === 0 ? 2 : 4), found);
  if (!items || !places) return;
  const notes = noteItems(items, found);
  if (notes.size > 0) found.blanks.push(...extentsOf(places, notes, boxes.get("idat"), found));
}

/** The ids of metadata items. */
function noteItems(items: Box, found: Findings): Set<number> {
  const notes = new Set<number>();
  for (const item of boxesIn(items, found, VERSION_BYTES + (version(items) === 0 ? 2 : 4))) {
    const cursor = new Cursor(item.body);
    const id = cursor.read(version(item) < 3 ? 2 : 4);
    // The type is after the protection index.
    if (NOTES.has(name4(item.body, cursor.at + 2))) notes.add(id);
  }
  return notes;
}

/** The file ranges of some items. */
function extentsOf(places: Box, wanted: Set<number>, idat: Box | undefined, found: Findings): Range[] {
  const ranges: Range[] = [];
  const cursor = new Cursor(places.body);
  const [sizes, more] = [cursor.read(1), cursor.read(1)];
  const indexed = version(places) > 0;
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 4, sizes & 15, more >> 4];
  const extentBytes = (indexed ? more & 15 : 0) + offsetBytes + lengthBytes;
  const idBytes = version(places) < 2 ? 2 : 4;
  for (let items = cursor.read(idBytes); items > 0 && !cursor.isAtEnd; items--) {
    found.part();
    const id = cursor.read(idBytes);
    const method = indexed ? cursor.read(2) & 15 : 0;
    cursor.at += 2;
    const base = cursor.read(baseBytes);
    const count = cursor.read(2);
    const end = cursor.at + count * extentBytes;
    if (wanted.has(id)) {
      // Other construction methods refer to other items.
      if (method > 1 || lengthBytes === 0) throw new BrokenImage("its metadata cannot be located");
      const start = base + (method === 1 ? (idat?.at ?? 0) : 0);
      while (cursor.at < end && !cursor.isAtEnd) {
        found.part();
        cursor.at += extentBytes - offsetBytes - lengthBytes;
        const from = start + cursor.read(offsetBytes);
        ranges.push({ from, to: from + cursor.read(lengthBytes) });
      }
    }
    cursor.at = end;
  }
  return ranges;
}

/**
 * Measures the primary item after rotation, and all other decoded areas. A crop does not hide pixels, so it is ignored.
 */
function measure(properties: Box, primary: number | undefined, found: Findings): void {
  const inside = [...boxesIn(properties, found)];
  const container = inside.find(({ type }) => type === "ipco");
  const known = container ? [...boxesIn(container, found)] : [];
  for (const { type, body } of known) if (type === "ispe") found.area(uint32(body, 4), uint32(body, 8));
  const own = inside
    .filter(({ type }) => type === "ipma")
    .flatMap((box) => associated(box, primary, found))
    .flatMap((index) => known[index - 1] ?? []);
  const size = own.find(({ type }) => type === "ispe")?.body;
  const turned = own.find(({ type }) => type === "irot")?.body[0] ?? 0;
  if (!size) return;
  const [width, height] = [uint32(size, 4), uint32(size, 8)];
  if (turned % 2 === 0) found.size(width, height);
  else found.size(height, width);
}

/** The property indexes of an item. */
function associated(box: Box, wanted: number | undefined, found: Findings): number[] {
  const cursor = new Cursor(box.body);
  const isWide = ((box.body[3] ?? 0) & 1) === 1;
  for (let items = cursor.read(4); items > 0 && !cursor.isAtEnd; items--) {
    found.part();
    const id = cursor.read(version(box) === 0 ? 2 : 4);
    const count = cursor.read(1);
    if (id !== wanted) cursor.at += count * (isWide ? 2 : 1);
    // The highest bit marks an essential property.
    else
      return Array.from({ length: count }, () => (isWide ? cursor.read(2) & 0x7fff : cursor.read(1) & 0x7f));
  }
  return [];
}

/** Reads the `moov` box of an animation. User data and unknown boxes are blanked. */
export function readMovie(movie: Box, found: Findings): void {
  const boxes = [...boxesIn(movie, found)];
  const tracks = boxes.filter(({ type }) => type === "trak").flatMap((track) => [...boxesIn(track, found)]);
  for (const { type, body } of tracks) {
    if (type === "tkhd") found.area(uint16(body, body.length - 8), uint16(body, body.length - 4));
  }
  const unknown = [
    ...boxes.filter(({ type }) => !MOVIE.has(type)),
    ...tracks.filter(({ type }) => !TRACK.has(type)),
  ];
  for (const { at, body } of unknown) found.blanks.push({ from: at, to: at + body.length });
}
