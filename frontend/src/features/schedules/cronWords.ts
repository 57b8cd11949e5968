import { queryOptions, skipToken, useQuery } from '@tanstack/react-query';

/** What a cron expression means, in words; null where it means nothing. What puts it into words is loaded when first asked for. */
async function wordsOfCron(cron: string): Promise<string | null> {
  const { default: cronstrue } = await import('cronstrue');
  try {
    return cronstrue.toString(cron, { use24HourTimeFormat: true, throwExceptionOnParseError: true });
  } catch {
    return null;
  }
}

const FIELDS = 5;

/** The words of a cron expression; undefined while they are looked for, null where there are none. */
export function useCronWords(cron: string): string | null | undefined {
  const fields = cron.trim().split(/\s+/);
  const known = fields.length === FIELDS;
  const { data } = useQuery(
    queryOptions({ queryKey: ['cron', cron.trim()], queryFn: known ? () => wordsOfCron(cron.trim()) : skipToken, staleTime: Infinity }),
  );
  return known ? data : null;
}
