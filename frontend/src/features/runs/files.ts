/** Where a file of a run is read. */
export function fileAddress(run: string, file: number): string {
  return `/api/v1/executions/${encodeURIComponent(run)}/artifacts/${file}`;
}
