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

/** A search as words: "12" stays a word, and a link is what a person would type. */
export function wordsOfSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

/** Words as a search, without those that say nothing. */
export function searchOfWords(words: Record<string, unknown>): string {
  const given = Object.entries(words).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const text = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  return text && `?${text}`;
}
