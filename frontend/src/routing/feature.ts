import type { AnyRoute } from '@tanstack/react-router';

import type { IconName } from '@/components/Icon';

import type { Place } from './paths';

/** An entry of the navigation. */
export interface NavEntry {
  readonly label: string;
  readonly icon: IconName;
  /** Place in the list, small first. */
  readonly order: number;
  readonly place: (project: string) => Place;
  /** Only administrators of the installation see it. */
  readonly admin?: boolean;
  /** Only this very address is "here"; otherwise what is below it is too. */
  readonly exact?: boolean;
}

/** What a feature brings: routes, and the entries of the navigation that lead to them. */
export interface Feature {
  /** Routes whose parent is `projectRoute`. */
  readonly inProject?: readonly AnyRoute[];
  /** Routes whose parent is `signedInRoute`. */
  readonly signedIn?: readonly AnyRoute[];
  /** Routes whose parent is `rootRoute`: pages of nobody in particular. */
  readonly open?: readonly AnyRoute[];
  readonly nav?: readonly NavEntry[];
}
