import { Alert, NumberInput, Radio, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { type ProjectSettings, readProjectSettingsOptions } from '@/api';
import { Icon } from '@/components/Icon';
import { Secrets } from '@/components/Secrets';
import { LoadingState, QueryState } from '@/components/states';
import { useMe, useProject, useRights } from '@/routing/session';
import { settings } from '@/strings/settings';

import { budgetPlan, healingPlan, hostsPlan, keyVariable, limitsPlan, modelPlan } from './projectSections';
import { SectionCard } from './SectionCard';
import { SettingsHead } from './SettingsHead';
import { useSection } from './useSection';

const words = settings.project;

/** How a project's tests run, in sections that are saved each by itself. */
export function ProjectSettingsPage(): ReactNode {
  const project = useProject();
  const saved = useQuery(readProjectSettingsOptions({ path: { project_id: project.id } }));
  return (
    <>
      <SettingsHead tab="project" subtitle={words.lead(project.name)} />
      <QueryState query={saved} loading={<LoadingState rows={5} height={180} />}>
        {(now) => <Sections saved={now} />}
      </QueryState>
    </>
  );
}

interface Part {
  readonly saved: ProjectSettings;
  readonly editable: boolean;
  /** Whether one also administers the installation. */
  readonly installation: boolean;
}

function Sections({ saved }: { saved: ProjectSettings }): ReactNode {
  const project = useProject();
  const rights = useRights();
  const editable = rights.administer;
  const { role } = useMe();
  const part: Part = { saved, editable, installation: editable && role === 'admin' };
  return (
    <Stack>
      {!editable && (
        <Alert color="ink" icon={<Icon name="lock" />}>
          {words.readOnly}
        </Alert>
      )}
      <ModelSection {...part} />
      <BudgetSection {...part} />
      <HealingSection {...part} />
      <HostsSection {...part} />
      <LimitsSection {...part} />
      <Secrets project={project.id} mayChange={rights.change} />
    </Stack>
  );
}

function ModelSection({ saved, editable, installation }: Part): ReactNode {
  const section = useSection(modelPlan, saved);
  const { form } = section;
  const variable = keyVariable(form.values.model);
  return (
    <SectionCard title={words.model} hint={words.modelHint} section={section} editable={editable}>
      <TextInput label={words.modelName} description={words.modelNameHint} readOnly={!editable} maw={560} {...form.getInputProps('model')} />
      {variable !== undefined && (
        <Alert color="ink" icon={<Icon name="key" />}>
          {words.keyHint(variable)}
        </Alert>
      )}
      <TextInput
        label={words.modelUrl}
        description={installation ? words.modelUrlHint : words.installation}
        readOnly={!installation}
        maw={560}
        {...form.getInputProps('model_base_url')}
      />
    </SectionCard>
  );
}

function BudgetSection({ saved, editable }: Part): ReactNode {
  const section = useSection(budgetPlan, saved);
  return (
    <SectionCard title={words.budget} hint={words.budgetHint} section={section} editable={editable}>
      <NumberInput
        label={words.budgetLabel}
        prefix="$"
        clampBehavior="none"
        readOnly={!editable}
        maw={280}
        {...section.form.getInputProps('budget_usd')}
      />
    </SectionCard>
  );
}

const POLICIES = ['allow', 'warn', 'fail'] as const;

function HealingSection({ saved, editable }: Part): ReactNode {
  const section = useSection(healingPlan, saved);
  return (
    <SectionCard title={words.healing} hint={words.healingHint} section={section} editable={editable}>
      <Radio.Group aria-label={words.healing} {...section.form.getInputProps('heal_policy')}>
        <Stack gap="xs">
          {POLICIES.map((policy) => (
            <Radio key={policy} value={policy} label={words.policies[policy][0]} description={words.policies[policy][1]} disabled={!editable} />
          ))}
        </Stack>
      </Radio.Group>
    </SectionCard>
  );
}

function HostsSection({ saved, installation }: Part): ReactNode {
  const section = useSection(hostsPlan, saved);
  return (
    <SectionCard title={words.hosts} hint={words.hostsHint} section={section} editable={installation}>
      <Textarea
        label={words.hostsLabel}
        {...(!installation && { description: words.installation })}
        readOnly={!installation}
        rows={4}
        maw={560}
        spellCheck={false}
        {...section.form.getInputProps('allowed_hosts')}
      />
    </SectionCard>
  );
}

function LimitsSection({ saved, editable }: Part): ReactNode {
  const section = useSection(limitsPlan, saved);
  const props = { readOnly: !editable, clampBehavior: 'none' } as const;
  return (
    <SectionCard title={words.limits} hint={words.daysHint} section={section} editable={editable}>
      <SimpleGrid cols={{ base: 1, sm: 3 }} maw={800}>
        <NumberInput label={words.concurrency} {...props} {...section.form.getInputProps('concurrency')} />
        <NumberInput label={words.runsDays} {...props} {...section.form.getInputProps('runs')} />
        <NumberInput label={words.artifactsDays} {...props} {...section.form.getInputProps('artifacts')} />
      </SimpleGrid>
    </SectionCard>
  );
}
