import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { paths } from '@/routing/paths';
import { common } from '@/strings/common';

import classes from './Shell.module.css';

/** The product's sign and name, which lead home. */
export function Brand(): ReactNode {
  return (
    <Link {...paths.home()} className={classes.brand} aria-label={common.product}>
      <img src="/icon.svg" alt="" width={26} height={26} />
      <span className={classes.brandName}>{common.product}</span>
    </Link>
  );
}
