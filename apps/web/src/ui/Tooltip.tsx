import { type FocusEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import styles from "./Tooltip.module.css";

/** How long a pointer rests before the text shows, in milliseconds. */
const REST_MS = 500;
/** How long the text stays once the pointer has left, so that the pointer can move onto it (WCAG 1.4.13). */
const STAY_MS = 100;
const GAP = 6;

/** A text that names what is under the pointer or has the focus of the keyboard. Escape takes it away. */
export function Tooltip({ text, children }: { text: string; children: ReactNode }) {
  const [isShown, setShown] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const place = useRef<HTMLSpanElement>(null);

  const later = (shows: boolean, delay: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setShown(shows), delay);
  };
  const hide = () => {
    clearTimeout(timer.current);
    setShown(false);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!isShown) return undefined;
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && setShown(false);
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [isShown]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it takes no action, the button inside does.
    <span
      ref={place}
      className={styles.place}
      onPointerEnter={(event) => event.pointerType === "mouse" && later(true, REST_MS)}
      onPointerLeave={() => later(false, STAY_MS)}
      onPointerDown={hide}
      onFocus={(event: FocusEvent) => event.target.matches(":focus-visible") && setShown(true)}
      onBlur={hide}
    >
      {children}
      {isShown && (
        <Bubble
          place={place.current}
          text={text}
          onEnter={() => later(true, 0)}
          onLeave={() => later(false, STAY_MS)}
        />
      )}
    </span>
  );
}

interface BubbleProps {
  place: HTMLElement | null;
  text: string;
  onEnter: () => void;
  onLeave: () => void;
}

/** The text itself, above or below its place and inside of the window. */
function Bubble({ place, text, onEnter, onLeave }: BubbleProps) {
  const bubble = useRef<HTMLDivElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const at = place?.firstElementChild?.getBoundingClientRect();
    const element = bubble.current;
    if (!at || !element) return;
    const { offsetWidth: width, offsetHeight: height } = element;
    const isBelow = at.top < height + 2 * GAP;
    const left = Math.min(Math.max(at.left + at.width / 2 - width / 2, GAP), window.innerWidth - width - GAP);
    element.style.left = `${left}px`;
    element.style.top = `${isBelow ? at.bottom + GAP : at.top - height - GAP}px`;
  }, [place]);
  return createPortal(
    <div
      ref={bubble}
      id={id}
      role="tooltip"
      className={styles.bubble}
      onPointerEnter={onEnter}
      onPointerLeave={onLeave}
    >
      {text}
    </div>,
    document.body,
  );
}
