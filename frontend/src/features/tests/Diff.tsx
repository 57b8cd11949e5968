import { VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';

import { tests } from '@/strings/tests';

import classes from './Diff.module.css';

/** A line of a unified diff. Numbers count from 1 and are those of the old and of the new text. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added' | 'gap';
  readonly text: string;
  readonly old: number | null;
  readonly new: number | null;
}

/** The lines of a unified diff, without its heads. */
export function linesOf(diff: string): DiffLine[] {
  let [before, after] = [0, 0];
  return diff.replace(/\n$/, '').split('\n').flatMap((line): DiffLine[] => {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line);
    if (hunk) {
      [before, after] = [Number(hunk[1]), Number(hunk[2])];
      return [{ kind: 'gap', text: line, old: null, new: null }];
    }
    if (before === 0 && after === 0) return [];
    const text = line.slice(1);
    if (line.startsWith('-')) return [{ kind: 'removed', text, old: before++, new: null }];
    if (line.startsWith('+')) return [{ kind: 'added', text, old: null, new: after++ }];
    if (line.startsWith('\\')) return [];
    return [{ kind: 'same', text, old: before++, new: after++ }];
  });
}

const SIGNS = { same: ' ', removed: '−', added: '+', gap: '' };
const SAID = { same: null, removed: tests.versions.removedLine, added: tests.versions.addedLine, gap: null };

/** What changed, line by line; a sign and a hidden word say what the colour says. */
export function Diff({ diff }: { diff: string }): ReactNode {
  return (
    <div className={classes.diff} tabIndex={0} role="region" aria-label={tests.versions.lines}>
      {linesOf(diff).map((line) => (
        <div key={`${line.old} ${line.new} ${line.text}`} className={classes.line} data-kind={line.kind}>
          <span className={classes.number}>{line.old}</span>
          <span className={classes.number}>{line.new}</span>
          <span aria-hidden>{SIGNS[line.kind]}</span>
          <span>
            {SAID[line.kind] && <VisuallyHidden>{SAID[line.kind]}: </VisuallyHidden>}
            {line.text}
          </span>
        </div>
      ))}
    </div>
  );
}
