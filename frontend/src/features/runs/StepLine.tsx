import { Group, Table, Text, Title, VisuallyHidden } from '@mantine/core';
import { type ReactNode, useState } from 'react';

import type { RunOut } from '@/api';
import { StatusBadge, TierBadge } from '@/components/badges';
import { Crop } from '@/components/Crops';
import { Duration, Money } from '@/components/figures';
import { Icon } from '@/components/Icon';
import { ButtonLink } from '@/components/links';
import { paths } from '@/routing/paths';
import { useRights } from '@/routing/session';
import { runs } from '@/strings/runs';

import { ErrorWords } from './ErrorWords';
import { evidenceOf } from './evidence';
import { fileAddress } from './files';
import { Healed } from './Healed';
import { tierOf } from './live';
import { Marks } from './Marks';
import { MarkStep } from './MarkStep';
import classes from './RunPage.module.css';
import { StepPicture } from './StepPicture';

type Step = RunOut['steps'][number];
type Attempt = NonNullable<Step['attempts']>[number];

/** A step of a run: one line, which opens to everything that is known of it. One that failed is open. */
export function StepLine({ run, step }: { run: RunOut; step: Step }): ReactNode {
  const [open, setOpen] = useState(step.status === 'failed');
  const title = step.title || step.instruction || step.action;
  const marked = run.feedback.some(({ step_index: index }) => index === step.step_index);
  return (
    <li>
      <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary className={classes.line}>
          <span className={classes.number}>{runs.stepNumber(step.step_index)}</span>
          <span className={classes.title} title={title}>
            {title} {marked && <span className={classes.flag} title={runs.hasMarks}><Icon name="flag" size={13} /><VisuallyHidden>{runs.hasMarks}</VisuallyHidden></span>}
          </span>
          <StatusBadge status={step.status} />
          <span>{step.tier !== null && <TierBadge tier={tierOf(step.tier)} />}</span>
          <span className={classes.right}>
            <Duration ms={step.duration_ms} />
          </span>
          <span className={classes.right}>
            <Money dollars={step.cost_usd} />
          </span>
        </summary>
        {open && <Inside run={run} step={step} title={title} />}
      </details>
    </li>
  );
}

function Inside({ run, step, title }: { run: RunOut; step: Step; title: string }): ReactNode {
  const rights = useRights();
  const attempts = step.attempts ?? [];
  return (
    <div className={classes.inside}>
      {step.error_kind && <ErrorWords kind={step.error_kind} message={step.error_message} />}
      <Facts facts={factsOf(step)} />
      {step.warnings.length > 0 && (
        <Text size="sm">
          {runs.warnings}: {step.warnings.map(({ message }) => String(message)).join('; ')}
        </Text>
      )}
      <Title order={3}>{runs.attempts}</Title>
      {attempts.length === 0 && <Text size="sm" c="dimmed">{runs.noAttempts}</Text>}
      {attempts.map((attempt) => (
        <AttemptBox key={`${attempt.tier}-${attempt.ordinal}`} attempt={attempt} />
      ))}
      {step.heal_id && <Healed heal={step.heal_id} />}
      <Files run={run} step={step} title={title} />
      <Marks run={run} index={step.step_index} />
      <Group gap="xs">
        {step.heal_id && (
          <ButtonLink size="xs" variant="default" {...paths.heal(run.project_id, step.heal_id)}>
            {runs.decide}
          </ButtonLink>
        )}
        {rights.change && <MarkStep run={run.id} index={step.step_index} />}
      </Group>
    </div>
  );
}

/** A step's pictures and other files. What a heal acted on is shown with the heal. */
function Files({ run, step, title }: { run: RunOut; step: Step; title: string }): ReactNode {
  const files = run.artifacts.filter((file) => file.try_ordinal === step.try_ordinal && file.step_index === step.step_index);
  const box = step.attempts?.at(-1)?.box ?? null;
  return files.map(({ id, kind, name, content_type: type }) => {
    const address = fileAddress(run.id, id);
    if (kind === 'element') return step.heal_id ? null : <Crop key={id} address={address} alt={runs.element(title)} absent={name} />;
    if (type.startsWith('image/')) {
      return <StepPicture key={id} address={address} alt={runs.picture(title)} box={kind === 'page' ? box : null} boxed={runs.boxed(title)} />;
    }
    return (
      <a key={id} href={address} download={name}>
        {name}
      </a>
    );
  });
}

function AttemptBox({ attempt }: { attempt: Attempt }): ReactNode {
  const evidence = evidenceOf(attempt.evidence);
  return (
    <div className={classes.attempt}>
      <Group gap="xs">
        <TierBadge tier={tierOf(attempt.tier)} />
        <Text size="sm" fw={600}>{attempt.success ? runs.found : runs.notFound}</Text>
        <Text size="sm" c="dimmed">
          <Duration ms={attempt.execution_time_ms} /> · {attempt.tokens_used} {runs.tokens.toLowerCase()} · <Money dollars={attempt.cost_usd} />
        </Text>
      </Group>
      {attempt.error_kind && (
        <Text size="sm" mt={4} style={{ overflowWrap: 'anywhere' }}>
          {runs.errors[attempt.error_kind]?.[0] ?? attempt.error_kind} {attempt.error_message}
        </Text>
      )}
      <Facts facts={[[runs.locator, attempt.locator], [runs.cache, attempt.cache === 'none' ? null : (runs.caches[attempt.cache] ?? attempt.cache)], [runs.reasons, evidence?.reasons.join('; ')]]} />
      {evidence && evidence.candidates.length > 0 && (
        <Table mt="xs" captionSide="top" withRowBorders={false} verticalSpacing={2} fz="sm">
          <Table.Caption ta="left" mt={0}>{runs.candidates}</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{runs.candidate}</Table.Th>
              <Table.Th ta="right">{runs.score}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {evidence.candidates.map(({ locator, role, name, score }) => (
              <Table.Tr key={locator}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>
                  {role} “{name}” <code>{locator}</code>
                </Table.Td>
                <Table.Td ta="right">{score.toFixed(2)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </div>
  );
}

type Fact = readonly [name: string, value: string | null | undefined];

function factsOf(step: Step): Fact[] {
  return [
    [runs.selector, step.selector],
    [runs.locator, step.locator === step.selector ? null : step.locator],
    [runs.xpath, step.xpath],
    [runs.confidence, step.confidence?.toFixed(2)],
    [runs.margin, step.margin?.toFixed(2)],
  ];
}

function Facts({ facts }: { facts: readonly Fact[] }): ReactNode {
  const known = facts.filter(([, value]) => value);
  if (known.length === 0) return null;
  return (
    <dl className={classes.facts}>
      {known.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
