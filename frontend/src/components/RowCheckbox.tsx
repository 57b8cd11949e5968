import type { ReactNode } from 'react';

import classes from './VirtualTable.module.css';

/** A checkbox for a row of a long list: the browser's own, because a list draws hundreds of them while it scrolls. */
export function RowCheckbox({ label, checked, onToggle }: { label: string; checked: boolean; onToggle: () => void }): ReactNode {
  return <input type="checkbox" className={classes.checkbox} aria-label={label} checked={checked} onChange={onToggle} />;
}
