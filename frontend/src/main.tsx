import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { makeQueryClient } from '@/api';
import { makeRouter } from '@/app/router';
import { paths } from '@/routing/paths';
import { Themed } from '@/theme/Themed';

const queryClient = makeQueryClient(onSignedOut);
const router = makeRouter(queryClient);

/** The session ended while a page was open: sign in, and come back to where one was. */
function onSignedOut(): void {
  const { pathname, href } = router.state.location;
  if (pathname === paths.signIn().to) return;
  queryClient.clear();
  void router.navigate({ ...paths.signIn(href) });
}

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <Themed>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Themed>
  </StrictMode>,
);
