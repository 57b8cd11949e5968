import { Button, Group } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { makeScheduleMutation } from '@/api';
import { PageHeader } from '@/components/PageHeader';
import { useFormSave } from '@/components/useFormSave';
import { useSave } from '@/components/useSave';
import { useUnsavedGuard } from '@/components/useUnsavedGuard';
import { useAddressSearch } from '@/routing/address';
import { paths } from '@/routing/paths';
import { useProject, useRights } from '@/routing/session';
import { schedules } from '@/strings/schedules';

import { ScheduleForm, useScheduleForm } from './ScheduleForm';
import { newValues, toMake } from './values';

/** Making a schedule; the address may name the suite. */
export function NewSchedulePage(): ReactNode {
  const project = useProject();
  const rights = useRights();
  const navigate = useNavigate();
  const { suite_id: suite } = useAddressSearch();
  const form = useScheduleForm(newValues(suite));
  const make = useSave(makeScheduleMutation(), schedules.made, 'listSchedules');
  const guard = useUnsavedGuard(form.isDirty() && !make.isPending && !make.isSuccess);
  const { submit, problem } = useFormSave(
    form,
    make,
    (values) => ({ body: toMake(project.id, values) }),
    () => void navigate({ ...paths.schedules(project.id) }),
  );
  return (
    <>
      <PageHeader title={schedules.new} subtitle={rights.change ? project.name : schedules.readOnly} />
      <ScheduleForm form={form} project={project.id} submit={submit} problem={problem} readOnly={!rights.change}>
        {rights.change && (
          <Group>
            <Button type="submit" loading={make.isPending}>
              {schedules.make}
            </Button>
          </Group>
        )}
      </ScheduleForm>
      {guard}
    </>
  );
}
