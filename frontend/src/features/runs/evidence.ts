import type { EvidenceOut } from '@/api';

type Scored = EvidenceOut['candidates'][number];

/** The evidence of an attempt, which the API gives as a plain object; null where there is none. */
export function evidenceOf(value: Readonly<Record<string, unknown>> | null): Pick<EvidenceOut, 'candidates' | 'reasons'> | null {
  if (value === null) return null;
  const { candidates, reasons } = value;
  return {
    candidates: Array.isArray(candidates) ? candidates.filter(isScored) : [],
    reasons: Array.isArray(reasons) ? reasons.filter((reason) => typeof reason === 'string') : [],
  };
}

function isScored(value: unknown): value is Scored {
  if (typeof value !== 'object' || value === null) return false;
  return 'locator' in value && 'role' in value && 'name' in value && 'score' in value && typeof value.score === 'number';
}
