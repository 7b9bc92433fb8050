import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useWords } from '../context.ts';
import type { MessageKey, Values } from '../messages.ts';
import { focusOnArrival } from '../router.ts';

interface PageProps {
  readonly title: MessageKey;
  readonly values?: Values;
  /** Beside the heading. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A page: its heading, which takes the focus when one arrives from another page, and the window's title. */
export function Page({ title, values, aside, children }: PageProps) {
  const words = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  const text = words.text(title, values);
  useEffect(() => {
    document.title = `${text} · Corridor`;
  }, [text]);
  useEffect(() => {
    if (focusOnArrival() === 'heading') heading.current?.focus();
  }, []);
  return (
    <>
      <div class="heading">
        <h1 ref={heading} tabIndex={-1}>
          {text}
        </h1>
        {aside}
      </div>
      {children}
    </>
  );
}
