import { useNavigate, useParams, useSearch } from '@tanstack/react-router';

type Words = Readonly<Record<string, string | undefined>>;

/** The named parts of the address's path: `project`, and what a route names. */
export function useAddressParts(): Words {
  const parts: Words = useParams({ strict: false });
  return parts;
}

/** What follows the `?` of the address, as words. */
export function useAddressSearch(): Words {
  const search: Words = useSearch({ strict: false });
  return search;
}

/** Changes words of the search and keeps the others; undefined and '' take one out. The page stays where it is. */
export function useChangeSearch(): (change: Words) => void {
  const navigate = useNavigate();
  const search = useAddressSearch();
  return (change) => void navigate({ to: '.', search: { ...search, ...change }, replace: true, resetScroll: false });
}
