import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** The real width of an element. Charts are drawn at this width, so their text keeps its size. */
export function useWidth(initial: number): [{ current: HTMLDivElement | null }, number] {
  const element = useRef<HTMLDivElement>(null);
  const width = useSignal(initial);
  useEffect(() => {
    if (element.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const measured = Math.round(entry?.contentRect.width ?? 0);
      if (measured > 0) width.value = measured;
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width.value];
}
