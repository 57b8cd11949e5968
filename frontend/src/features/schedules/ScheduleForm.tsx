import { Alert, Autocomplete, Button, Group, Radio, Select, Stack, Switch, TextInput } from '@mantine/core';
import { isNotEmpty, useForm, type UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { listSuitesOptions } from '@/api';
import { Card } from '@/components/Card';
import { FormProblem } from '@/components/FormProblem';
import { Icon } from '@/components/Icon';
import { QueryState } from '@/components/states';
import { TestPicker } from '@/components/TestPicker';
import type { FormSave } from '@/components/useFormSave';
import { schedules } from '@/strings/schedules';

import { Upcoming, useTimes } from './Upcoming';
import type { Values } from './values';

export type ScheduleFormState = UseFormReturnType<Values>;

/** A schedule's form, with what is missing said at its field. */
export function useScheduleForm(initialValues: Values): ScheduleFormState {
  return useForm<Values>({
    initialValues,
    validate: {
      name: isNotEmpty(schedules.required),
      cron: isNotEmpty(schedules.required),
      time_zone: isNotEmpty(schedules.required),
      suite_id: (id, { kind }) => (kind === 'suite' && !id ? schedules.chooseSuite : null),
      test_ids: (ids, { kind }) => (kind === 'tests' && ids.length === 0 ? schedules.chooseTests : null),
    },
  });
}

/** The fields of a schedule, and when it would run. `children`: its buttons, for those who may press them. */
export function ScheduleForm(props: {
  form: ScheduleFormState;
  project: string;
  submit: FormSave['submit'];
  problem: string | null;
  readOnly?: boolean;
  overrides?: boolean;
  children?: ReactNode;
}): ReactNode {
  const { form, project, submit, problem, readOnly = false, overrides = false, children } = props;
  return (
    <form noValidate onSubmit={submit}>
      <fieldset disabled={readOnly} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
        <Stack>
          <FormProblem problem={problem} />
          {overrides && <Alert color="gray" icon={<Icon name="info" />}>{schedules.overrides}</Alert>}
          <Card>
            <Stack maw={640}>
              <TextInput label={schedules.nameField} {...form.getInputProps('name')} />
              <What form={form} project={project} readOnly={readOnly} />
            </Stack>
          </Card>
          <Card title={schedules.when}>
            <Times form={form} readOnly={readOnly} />
          </Card>
          <Card title={schedules.overlap}>
            <Stack>
              <Radio.Group aria-label={schedules.overlap} {...form.getInputProps('overlap')}>
                <Stack gap="xs">
                  {(['skip', 'queue'] as const).map((way) => (
                    <Radio key={way} value={way} label={schedules.overlaps[way][0]} description={schedules.overlaps[way][1]} />
                  ))}
                </Stack>
              </Radio.Group>
              <Switch label={schedules.active} {...form.getInputProps('active', { type: 'checkbox' })} />
            </Stack>
          </Card>
          {children}
        </Stack>
      </fieldset>
    </form>
  );
}

function What({ form, project, readOnly }: { form: ScheduleFormState; project: string; readOnly: boolean }): ReactNode {
  const suites = useQuery(listSuitesOptions({ query: { project_id: project, limit: 200 } }));
  const { kind, test_ids: tests } = form.values;
  return (
    <>
      <Radio.Group label={schedules.kind} {...form.getInputProps('kind')}>
        <Group mt={4}>
          {(['suite', 'tests'] as const).map((one) => (
            <Radio key={one} value={one} label={schedules.kinds[one]} />
          ))}
        </Group>
      </Radio.Group>
      {kind === 'suite' ? (
        <QueryState query={suites}>
          {({ items }) => (
            <Select
              label={schedules.suite}
              data={items.map(({ id, name }) => ({ value: id, label: name }))}
              searchable
              {...(items.length === 0 && { description: schedules.noSuites })}
              {...form.getInputProps('suite_id')}
              disabled={readOnly}
            />
          )}
        </QueryState>
      ) : (
        <TestPicker
          label={schedules.testsField}
          project={project}
          value={tests}
          onChange={(ids) => form.setFieldValue('test_ids', ids)}
          error={form.errors.test_ids}
          disabled={readOnly}
        />
      )}
    </>
  );
}

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone')];
const MOST_ZONES = 20;

function Times({ form, readOnly }: { form: ScheduleFormState; readOnly: boolean }): ReactNode {
  const { cron, time_zone: zone, active } = form.values;
  const times = useTimes(cron, zone);
  return (
    <Stack maw={640}>
      {!readOnly && (
        <Group gap="xs" role="group" aria-label={schedules.presets}>
          {Object.entries(schedules.examples).map(([words, example]) => (
            <Button key={example} size="compact-xs" variant="default" onClick={() => form.setFieldValue('cron', example)}>
              {words}
            </Button>
          ))}
        </Group>
      )}
      <TextInput
        label={schedules.cron}
        description={schedules.cronHint}
        spellCheck={false}
        autoComplete="off"
        {...form.getInputProps('cron')}
        error={form.errors.cron ?? times.faults.cron}
      />
      <Autocomplete
        label={schedules.zone}
        description={schedules.zoneHint}
        data={ZONES}
        limit={MOST_ZONES}
        {...form.getInputProps('time_zone')}
        error={form.errors.time_zone ?? times.faults.time_zone}
      />
      <Upcoming times={times} cron={cron} zone={zone} active={active} />
    </Stack>
  );
}
