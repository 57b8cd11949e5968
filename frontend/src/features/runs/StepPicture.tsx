import { type ReactNode, useState } from 'react';

import type { BoxOut } from '@/api';

import classes from './StepPicture.module.css';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The usual window of a run, which holds the picture's place until it is here. */
const USUAL: Size = { width: 1280, height: 720 };
/** Pixels between an element and the line around it. */
const GAP = 3;

/** The page as a step left it, with a line around what the step acted on. */
export function StepPicture({ address, alt, box, boxed }: { address: string; alt: string; box: BoxOut | null; boxed: string }): ReactNode {
  const [size, setSize] = useState(USUAL);
  return (
    <figure className={classes.figure}>
      <img
        className={classes.picture}
        src={address}
        alt={alt}
        loading="lazy"
        {...size}
        onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) => setSize({ width, height })}
      />
      {box !== null && (
        <svg className={classes.lines} viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={boxed} data-testid="box">
          {(['under', 'over'] as const).map((layer) => (
            <rect key={layer} className={classes[layer]} x={box.x - GAP} y={box.y - GAP} width={box.width + 2 * GAP} height={box.height + 2 * GAP} rx={4} />
          ))}
        </svg>
      )}
    </figure>
  );
}
