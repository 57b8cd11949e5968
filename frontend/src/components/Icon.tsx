import type { ReactNode } from 'react';

/** Strokes of the icons, on a grid of 24. */
const SHAPES = {
  dashboard: 'M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z',
  tests: 'M9 5h11M9 12h11M9 19h11M4 5l.9.9L6.6 4M4 12l.9.9 1.7-1.9M4 19l.9.9 1.7-1.9',
  suites: 'M4 8l8-4 8 4-8 4zM4 12l8 4 8-4M4 16l8 4 8-4',
  runs: 'M7 4.5v15l12-7.5z',
  heals: 'M4 12h4l2-6 4 12 2-6h4',
  schedules: 'M12 7v5l3 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  analytics: 'M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.8v4.4M9 14.8v4.4',
  users: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20c0-3.3 2.7-6 6-6s6 2.7 6 6M16 4.4a3.5 3.5 0 0 1 0 6.4M18 14.6c1.8.9 3 2.9 3 5.4',
  projects: 'M4 7.5V19h16V7.500h-8L10 5H4z',
  account: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c0-3.9 3.1-6 7-6s7 2.1 7 6',
  key: 'M14.5 13a4.5 4.5 0 1 0-4.2-2.900L4 16.400V20h3.600v-2.400H10v-2.400l1.4-1.500M15.5 8.500h.01',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.400M18.4 5.6 17 7M7 17l-1.4 1.4',
  moon: 'M20 14.500A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.500z',
  auto: 'M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18z',
  chevronDown: 'M6 9.500l6 6 6-6',
  chevronRight: 'M9.5 6l6 6-6 6',
  chevronLeft: 'M14.5 6l-6 6 6 6',
  chevronUp: 'M6 14.500l6-6 6 6',
  check: 'M5 12.500l4.5 4.500L19 7.5',
  cross: 'M6 6l12 12M18 6 6 18',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  warning: 'M12 4 3 20h18zM12 10v4.500M12 17.300v.01',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v5.500M12 7.700v.01',
  offline: 'M3 3l18 18M5 12a10 10 0 0 1 4-2.500M19 12a10 10 0 0 0-5.5-2.900M8.5 15.500a5 5 0 0 1 5-1.200M12 19v.01',
  refresh: 'M19 12a7 7 0 1 1-2-4.900L19.5 9.500M19.5 4.500v5h-5',
  trash: 'M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13M10.5 11v5.500M13.5 11v5.5',
  copy: 'M8 8h12v12H8zM16 8V4H4v12h4',
  edit: 'M4 20h4L19 9l-4-4L4 16z',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 20 20',
  download: 'M12 4v11M7 10.500l5 5 5-5M5 20h14',
  upload: 'M12 16V5M7 9.500l5-5 5 5M5 20h14',
  stop: 'M6 6h12v12H6z',
  up: 'M12 19V5M6 11l6-6 6 6',
  down: 'M12 5v14M6 13l6 6 6-6',
  undo: 'M8 5 4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-3',
  redo: 'M16 5l4 4-4 4M20 9H10a5.5 5.5 0 0 0 0 11h3',
  filter: 'M4 5h16l-6.5 8v6l-3-1.500V13z',
  external: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
  out: 'M14 4H5v16h9M10 12h10M16.5 8.5 20 12l-3.5 3.5',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  flag: 'M5 21V4h13l-3 4.500L18 13H5',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  money: 'M12 4v16M16.5 7.500C15.5 6 13.8 5.7 12 5.700c-2.5 0-4.5 1-4.5 3.1 0 4.4 9.2 2 9.2 6.4 0 2-2 3.1-4.7 3.1-2.2 0-4-.7-5-2.3',
} as const;

export type IconName = keyof typeof SHAPES;

/** A drawing beside words; it says nothing by itself, and screen readers pass over it. `size` in pixels. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }): ReactNode {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={SHAPES[name]} />
    </svg>
  );
}
