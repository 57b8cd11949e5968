import { describe, expect, it } from 'vitest';

import { linesOf } from './Diff';
import { exportAddress, placeIn, streamOf } from './importing';
import { fieldOf, nothingOtherwise, overridesOf, sizeProblem } from './running';

describe('files that are imported', () => {
  const stream = streamOf([
    { name: 'a.yaml', text: '\uFEFFname: A\nsteps: [Go back]' },
    { name: 'b.yaml', text: '---\nname: B\r\nsteps: [Go back]\n' },
    { name: 'c.yaml', text: 'name: C\nsteps: [Go back]\n' },
  ]);

  it('are one stream', () => {
    expect(stream.yaml).toBe('name: A\nsteps: [Go back]\n---\nname: B\nsteps: [Go back]\n---\nname: C\nsteps: [Go back]\n');
  });

  it('keep their places', () => {
    expect(placeIn(stream, 'yaml:2:8')).toBe('a.yaml:2:8');
    expect(placeIn(stream, 'body.yaml:5:1')).toBe('b.yaml:3:1');
    expect(placeIn(stream, 'yaml:7:1')).toBe('c.yaml:1:1');
    expect(placeIn(stream, 'yaml')).toBe('');
  });

  it('are exported by address', () => {
    expect(exportAddress('shop', ['t1', 't 2'])).toBe('/api/v1/tests/export?project_id=shop&ids=t1&ids=t+2');
  });
});

describe('a run that is otherwise', () => {
  it('says only what was said', () => {
    const nothing = nothingOtherwise({ user: 'admin' });
    expect(overridesOf(nothing)).toEqual({});
    const wanted = { ...nothing, strategy: 'option_a' as const, base_url: ' http://a ', width: '390', height: '800', retries: '0', variables: [{ name: 'user', value: 'bob' }] };
    expect(overridesOf(wanted)).toEqual({
      strategy: 'option_a', base_url: 'http://a', browser: { viewport: { width: 390, height: 800 } }, retries: 0, variables: { user: 'bob' },
    });
  });

  it('has a whole size or none', () => {
    expect(sizeProblem({ width: '', height: '' })).toBeNull();
    expect(sizeProblem({ width: '390', height: '800' })).toBeNull();
    expect(sizeProblem({ width: '390', height: '' })).not.toBeNull();
  });

  it('knows the field that the server means', () => {
    expect(['overrides.base_url', 'overrides.browser.locale', 'overrides.browser.viewport.width', 'overrides.variables.x'].map(fieldOf)).toEqual([
      'base_url', 'locale', 'width', 'variables',
    ]);
  });
});

describe('a diff', () => {
  it('has its lines numbered on both sides', () => {
    const diff = '--- version 1\n+++ version 2\n@@ -1,3 +1,3 @@\n name: x\n-old\n+new\n steps:\n';
    expect(linesOf(diff).map(({ kind, old, new: now }) => [kind, old, now])).toEqual([
      ['gap', null, null], ['same', 1, 1], ['removed', 2, null], ['added', null, 2], ['same', 3, 3],
    ]);
  });
});
