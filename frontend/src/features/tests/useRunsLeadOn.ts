import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import { type QueuedOut, refresh } from '@/api';
import { paths } from '@/routing/paths';
import { useProject } from '@/routing/session';

/** Lead to what was started: to the run where it is one, else to the list of those started together. */
export function useRunsLeadOn(): (queued: QueuedOut) => void {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const project = useProject();
  return ({ runs, group_id: group }) => {
    void refresh(queryClient, 'listRuns', 'readDashboard');
    const only = runs.length === 1 ? runs[0] : undefined;
    void navigate(only ? paths.run(project.id, only.id) : paths.runs(project.id, { group_id: group }));
  };
}
