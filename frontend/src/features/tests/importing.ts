/** A file as it was read. */
export interface TextFile {
  readonly name: string;
  readonly text: string;
}

/** Files as one stream of YAML documents, and on which line of it each begins. */
export interface Stream {
  readonly yaml: string;
  readonly starts: readonly { readonly name: string; readonly line: number }[];
}

/** Put files one after the other, so that all of them are stored or none. */
export function streamOf(files: readonly TextFile[]): Stream {
  let yaml = '';
  const starts = files.map(({ name, text }) => {
    const plain = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
    if (yaml && !/^---(\s|$)/.test(plain)) yaml += '---\n';
    const line = yaml.split('\n').length;
    yaml += plain.endsWith('\n') ? plain : `${plain}\n`;
    return { name, line };
  });
  return { yaml, starts };
}

/** The place of a problem in the file that it is in: `yaml:12:3` of the stream as `login.tw.yaml:2:3`. */
export function placeIn({ starts }: Stream, path: string): string {
  const [, line, column = '1'] = /yaml:(\d+):(\d+)$/.exec(path) ?? [];
  if (line === undefined) return '';
  const start = starts.findLast((file) => file.line <= Number(line)) ?? { name: 'yaml', line: 1 };
  return `${start.name}:${Number(line) - start.line + 1}:${column}`;
}

/** Where tests are read as one YAML stream; without ids, all of the project. */
export function exportAddress(project: string, ids: readonly string[] = []): string {
  const query = new URLSearchParams([['project_id', project], ...ids.map((id) => ['ids', id])]);
  return `/api/v1/tests/export?${query.toString()}`;
}
