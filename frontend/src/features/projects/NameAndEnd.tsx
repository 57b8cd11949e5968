import { Button, Group, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { api, type ProjectOut, refresh, updateProjectMutation } from '@/api';
import { Card } from '@/components/Card';
import { ConfirmButton } from '@/components/ConfirmButton';
import { FormProblem } from '@/components/FormProblem';
import { notifyDone } from '@/components/notify';
import { useFormSave } from '@/components/useFormSave';
import { useSave } from '@/components/useSave';
import { paths } from '@/routing/paths';
import { projects } from '@/strings/projects';

/** A project gets another name, or ends; for its administrators. */
export function NameAndEnd({ project }: { project: ProjectOut }): ReactNode {
  const form = useForm({ initialValues: { name: project.name }, validate: { name: isNotEmpty(projects.required) } });
  const rename = useSave(updateProjectMutation(), projects.renamed, 'listProjects', 'readProject');
  const path = { project_id: project.id };
  const { submit, problem } = useFormSave(form, rename, (body) => ({ path, body }), () => form.resetDirty());
  return (
    <Card title={projects.nameAndEnd}>
      <form noValidate onSubmit={submit}>
        <FormProblem problem={problem} />
        <Group align="flex-end">
          <TextInput label={projects.name} {...form.getInputProps('name')} />
          <Button type="submit" variant="default" loading={rename.isPending} disabled={!form.isDirty()}>
            {projects.rename}
          </Button>
          <DeleteProject project={project} />
        </Group>
      </form>
    </Card>
  );
}

function DeleteProject({ project }: { project: ProjectOut }): ReactNode {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const end = async (): Promise<void> => {
    await api.deleteProject({ path: { project_id: project.id }, throwOnError: true });
    notifyDone(projects.deleted);
    await navigate({ ...paths.projects() });
    await refresh(queryClient, 'listProjects');
  };
  return (
    <ConfirmButton question={projects.deleteQuestion(project.name)} consequence={projects.deleteConsequence} confirm={projects.delete} onConfirm={end}>
      {projects.delete}
    </ConfirmButton>
  );
}
