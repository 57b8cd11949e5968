import { Alert, Button, Group } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { api, readScheduleOptions, refresh, type ScheduleOut, updateScheduleMutation } from '@/api';
import { ConfirmButton } from '@/components/ConfirmButton';
import { When } from '@/components/figures';
import { Icon } from '@/components/Icon';
import { ButtonLink } from '@/components/links';
import { notifyDone } from '@/components/notify';
import { PageHeader } from '@/components/PageHeader';
import { LoadingState, QueryState } from '@/components/states';
import { useFormSave } from '@/components/useFormSave';
import { useSave } from '@/components/useSave';
import { useUnsavedGuard } from '@/components/useUnsavedGuard';
import { useAddressParts } from '@/routing/address';
import { paths } from '@/routing/paths';
import { useRights } from '@/routing/session';
import { schedules } from '@/strings/schedules';

import { ScheduleForm, useScheduleForm } from './ScheduleForm';
import { toChange, valuesOf } from './values';

/** One schedule, which can be changed, switched off and deleted. */
export function SchedulePage(): ReactNode {
  const { schedule: id = '' } = useAddressParts();
  const query = useQuery(readScheduleOptions({ path: { schedule_id: id } }));
  return (
    <QueryState query={query} loading={<><PageHeader title={schedules.one} /><LoadingState rows={6} /></>}>
      {(schedule) => <Schedule key={schedule.id} schedule={schedule} />}
    </QueryState>
  );
}

function Schedule({ schedule }: { schedule: ScheduleOut }): ReactNode {
  const rights = useRights();
  const form = useScheduleForm(valuesOf(schedule));
  const save = useSave(updateScheduleMutation(), schedules.saved, 'readSchedule', 'listSchedules');
  const guard = useUnsavedGuard(form.isDirty());
  const take = (saved: ScheduleOut): void => {
    form.setInitialValues(valuesOf(saved));
    form.setValues(valuesOf(saved));
  };
  const { submit, problem } = useFormSave(form, save, (values) => ({ path: { schedule_id: schedule.id }, body: toChange(schedule, values) }), take);
  return (
    <>
      <PageHeader title={schedule.name} subtitle={<Last schedule={schedule} />} actions={<Actions schedule={schedule} />} />
      {schedule.last_error !== null && (
        <Alert role="alert" color="bad" title={schedules.failed} icon={<Icon name="warning" />} mb="md">
          {schedule.last_error}
        </Alert>
      )}
      <ScheduleForm
        form={form}
        project={schedule.project_id}
        submit={submit}
        problem={problem}
        readOnly={!rights.change}
        overrides={Object.keys(schedule.overrides).length > 0}
      >
        {rights.change && (
          <Group>
            <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
              {schedules.save}
            </Button>
            <Button variant="default" disabled={!form.isDirty()} onClick={() => form.reset()}>
              {schedules.undo}
            </Button>
          </Group>
        )}
      </ScheduleForm>
      {guard}
    </>
  );
}

function Last({ schedule }: { schedule: ScheduleOut }): ReactNode {
  return (
    <>
      {schedules.last}: <When at={schedule.last_run_at} absent={schedules.never} />
    </>
  );
}

function Actions({ schedule }: { schedule: ScheduleOut }): ReactNode {
  const rights = useRights();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { project_id: project, id, name } = schedule;
  const remove = async (): Promise<void> => {
    await api.dropSchedule({ path: { schedule_id: id }, throwOnError: true });
    notifyDone(schedules.removed);
    await navigate({ ...paths.schedules(project) });
    await refresh(queryClient, 'listSchedules');
  };
  return (
    <>
      <ButtonLink variant="default" {...paths.runs(project, { schedule_id: id })}>
        {schedules.runs}
      </ButtonLink>
      {rights.change && (
        <ConfirmButton question={schedules.removeQuestion(name)} consequence={schedules.removeConsequence} confirm={schedules.remove} onConfirm={remove}>
          {schedules.remove}
        </ConfirmButton>
      )}
    </>
  );
}
