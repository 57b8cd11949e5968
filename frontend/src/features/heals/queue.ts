import { useInfiniteQuery } from '@tanstack/react-query';

import { type HealItem, type HealKind, listHealsInfiniteOptions, type ProposalStatus } from '@/api';
import { BY_CURSOR, type ListQuery } from '@/components/VirtualTable';
import { useAddressSearch } from '@/routing/address';

/** Which heals a page is of, as its address says. */
export interface Which {
  readonly kind: HealKind;
  readonly status: ProposalStatus;
}

/** The heals that the address asks for: those that wait, where it says nothing. */
export function useWhich(): Which {
  const { kind, status } = useAddressSearch();
  return { kind: kind === 'grounding' ? kind : 'heal', status: status === 'approved' || status === 'rejected' ? status : 'proposed' };
}

/** The list of the heals that the address asks for, newest first. */
export function useHeals(project: string, which: Which): ListQuery<HealItem> {
  return useInfiniteQuery({ ...listHealsInfiniteOptions({ query: { project_id: project, limit: 100, ...which } }), ...BY_CURSOR });
}
