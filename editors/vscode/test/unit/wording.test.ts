import { expect, test } from 'vitest';
import { type ServerStatus, shown } from '../../src/wording';

const STATUS: ServerStatus = {
  version: '0.1.0',
  backend: { kind: 'llama', model: 'embedded', name: 'codeplan-embedded 0.1.0 (32.4M)', device: 'CPU, 2 threads' },
  sandbox: 'A (bubblewrap)',
  trusted: true,
  settingsProblems: [],
};
const RUNNING = { kind: 'running', python: 'python3' } as const;

test('a running server is told with model, device, sandbox and version', () => {
  expect(shown(RUNNING, 0, STATUS)).toEqual({
    text: '$(checklist) codeplan',
    warning: false,
    lines: ['Model: codeplan-embedded 0.1.0 (32.4M)', 'Device: CPU, 2 threads', 'Sandbox: A (bubblewrap)', 'Server: 0.1.0, python3'],
  });
});

test('running commands are counted', () => {
  expect(shown(RUNNING, 2, STATUS).text).toBe('$(sync~spin) codeplan 2');
  expect(shown(RUNNING, 2, STATUS).lines[0]).toBe('Working: 2 commands');
  expect(shown(RUNNING, 1, STATUS).lines[0]).toBe('Working: 1 command');
});

test('a model that is not loaded yet is said to be so, and no device is made up', () => {
  const lines = shown(RUNNING, 0, { ...STATUS, backend: { kind: 'llama', model: 'embedded', name: '', device: '' } }).lines;

  expect(lines[0]).toBe('Model: embedded (loaded when it is needed)');
  expect(lines.join()).not.toContain('Device');
});

test('restricted mode and wrong settings are told', () => {
  const lines = shown(RUNNING, 0, { ...STATUS, trusted: false, settingsProblems: ['codeplan.x: no'] }).lines;

  expect(lines.some((line) => line.startsWith('Restricted mode'))).toBe(true);
  expect(lines).toContain('Settings: codeplan.x: no');
});

test('a server that failed warns with its reason', () => {
  expect(shown({ kind: 'failed', reason: 'not found' }, 0, undefined)).toEqual({
    text: '$(warning) codeplan',
    warning: true,
    lines: ['not found'],
  });
});
