import { describe, expect, test } from 'vitest';
import { applyEdits, explained, iconOf, moved, planText, type PlanRecord, sameSteps, shortRecord, stepsOf, type TextEdit } from '../../src/plans';

function edit(start: [number, number], end: [number, number], newText: string): TextEdit {
  const [[line, character], [endLine, endCharacter]] = [start, end];
  return { range: { start: { line, character }, end: { line: endLine, character: endCharacter } }, newText };
}

const RECORD: PlanRecord = {
  steps: ['Add.'],
  outcome: 'passed',
  passed: 2,
  total: 2,
  verdict: 'passed 2 of 2 of your examples',
  detail: '',
  code: '    return 1',
  edits: [],
};

describe('edits', () => {
  test.each([
    ['a\nb\nc', 'a\nX\nc'],
    ['a\r\nb\r\nc', 'a\r\nX\r\nc'],
    ['a\rb\rc', 'a\rX\rc'],
  ])('lines of %j are found whatever ends them', (text, wanted) => {
    expect(applyEdits(text, [edit([1, 0], [1, 1], 'X')])).toBe(wanted);
  });

  test('several edits are each for the text before all of them', () => {
    const edits = [edit([0, 0], [0, 0], 'import x\n\n'), edit([1, 4], [1, 7], 'return x')];

    expect(applyEdits('def f():\n    ...\n', edits)).toBe('import x\n\ndef f():\n    return x\n');
  });

  test('characters are counted as UTF-16', () => {
    expect(applyEdits('🎉ab', [edit([0, 2], [0, 3], 'X')])).toBe('🎉Xb');
  });

  test('a place behind the end is the end', () => {
    expect(applyEdits('a', [edit([5, 0], [5, 0], '\n')])).toBe('a\n');
  });
});

describe('a place stays with its text', () => {
  const place = { line: 5, character: 4 };

  test.each([
    ['lines are inserted above', edit([1, 0], [1, 0], 'a\nb\n'), { line: 7, character: 4 }],
    ['lines are deleted above', edit([1, 0], [3, 0], ''), { line: 3, character: 4 }],
    ['its line gets text before it', edit([5, 0], [5, 0], '  '), { line: 5, character: 6 }],
    ['a line end comes before it', edit([5, 2], [5, 2], 'x\ny'), { line: 6, character: 3 }],
    ['the line above is joined to its own', edit([4, 3], [5, 0], ''), { line: 4, character: 7 }],
    ['the text changes behind it', edit([6, 0], [9, 0], 'a'), { line: 5, character: 4 }],
    ['the text around it changes', edit([5, 0], [5, 9], 'a'), { line: 5, character: 4 }],
  ])('when %s', (_, change, wanted) => {
    expect(moved(place, change)).toEqual(wanted);
  });
});

describe('a record in short', () => {
  test.each([
    [{}, '2 of 2', 'pass'],
    [{ outcome: 'failed', passed: 1 }, '1 of 2', 'error'],
    [{ outcome: 'timed_out', passed: 0 }, '0 of 2', 'warning'],
    [{ outcome: 'untested', passed: 0, total: 0 }, 'no examples', 'circle-outline'],
    [{ outcome: 'no_candidate', passed: 0, total: 0 }, 'no code', 'circle-outline'],
  ])('%j is %j with the icon %j', (differences, words, icon) => {
    const record = { ...RECORD, ...differences };

    expect(shortRecord(record)).toBe(words);
    expect(iconOf(record).icon).toBe(icon);
  });
});

test('the plan of existing code has no record on examples', () => {
  expect(shortRecord(explained(['Add.']))).toBe('as the code is');
  expect(explained(['Add.']).edits).toEqual([]);
});

describe('a plan as text', () => {
  test('comes back as it was', () => {
    const steps = ['Go over the numbers.', 'Add each one to a result.'];

    expect(stepsOf(planText('total', steps))).toEqual(steps);
  });

  test('loses numbers, bullets, comments and empty lines', () => {
    expect(stepsOf('# mine\r\n1. One.\r\n\r\n2) Two.\n  - Three.\n* Four, 5. of them.')).toEqual([
      'One.',
      'Two.',
      'Three.',
      'Four, 5. of them.',
    ]);
  });
});

test('plans are the same when all their steps are', () => {
  expect(sameSteps(['a', 'b'], ['a', 'b'])).toBe(true);
  expect(sameSteps(['a'], ['a', 'b'])).toBe(false);
  expect(sameSteps(undefined, [])).toBe(false);
});
