import type { JSX } from "preact";

const shape = (children: JSX.Element | JSX.Element[], className?: string) => (
  <svg class={className} viewBox="0 0 16 16" aria-hidden="true">
    {children}
  </svg>
);

export const Brand = () => (
  <svg viewBox="0 0 20 20" aria-hidden="true">
    <path d="M3 14.5h9" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" opacity=".35" />
    <path d="M3 10h14" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" />
    <path d="M3 5.5h6" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" opacity=".65" />
  </svg>
);

export const SearchIcon = () =>
  shape([
    <circle key="a" cx="7" cy="7" r="4.5" fill="none" stroke="currentColor" stroke-width="1.5" />,
    <path key="b" d="M10.5 10.5L14 14" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" />,
  ]);

export const ThemeIcon = () =>
  shape([
    <circle key="a" cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="1.5" />,
    <path key="b" d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" />,
  ]);

export const WarnIcon = () =>
  shape(
    [
      <path
        key="a"
        d="M8 1.8l6.6 11.7H1.4z"
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        stroke-linejoin="round"
      />,
      <path key="b" d="M8 6v3.5M8 11.3v.4" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" />,
    ],
    "warn-text",
  );

export const CopyIcon = () =>
  shape([
    <rect
      key="a"
      x="5.5"
      y="5.5"
      width="8"
      height="8"
      rx="1.5"
      fill="none"
      stroke="currentColor"
      stroke-width="1.3"
    />,
    <path
      key="b"
      d="M3.5 10.5h-.5a.5.5 0 0 1-.5-.5V3a.5.5 0 0 1 .5-.5h7a.5.5 0 0 1 .5.5v.5"
      fill="none"
      stroke="currentColor"
      stroke-width="1.3"
    />,
  ]);

export const AgainIcon = () =>
  shape(
    <path
      d="M13 8a5 5 0 1 1-1.6-3.7L13 6M13 2.5V6H9.5"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
    />,
  );

export const LockIcon = () =>
  shape([
    <rect
      key="a"
      x="3"
      y="7"
      width="10"
      height="7"
      rx="1.5"
      fill="none"
      stroke="currentColor"
      stroke-width="1.4"
    />,
    <path key="b" d="M5.2 7V5a2.8 2.8 0 0 1 5.6 0v2" fill="none" stroke="currentColor" stroke-width="1.4" />,
  ]);

export const DownIcon = () => (
  <svg class="down" viewBox="0 0 10 10" aria-hidden="true">
    <path d="M1.5 3.5L5 7l3.5-3.5" fill="none" stroke="currentColor" stroke-width="1.5" />
  </svg>
);

export const CloseIcon = () =>
  shape(<path d="M4 4l8 8m0-8l-8 8" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" />);
