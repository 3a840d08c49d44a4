/** Plans as values: what the server says about them and how they are worded. Nothing of VS Code. */

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface TextEdit {
  readonly range: { readonly start: Position; readonly end: Position };
  readonly newText: string;
}

/** One plan with its record on the examples, as the server gives it. */
export interface PlanRecord {
  readonly steps: readonly string[];
  readonly outcome: string;
  readonly passed: number;
  readonly total: number;
  readonly verdict: string;
  readonly detail: string;
  readonly code: string;
  readonly edits: readonly TextEdit[];
}

/** The plans for one function. `text`: the document's text that their edits are for. */
export interface PlanSet {
  readonly uri: string;
  readonly functionName: string;
  readonly position: Position;
  readonly text: string;
  readonly plans: readonly PlanRecord[];
  /** The steps of the plan whose code stands in the text now. */
  readonly inserted: readonly string[] | undefined;
}

const EXPLAINED = 'explained';

/** The plan that existing code follows, as a record: there is nothing to judge or to preview. */
export function explained(steps: readonly string[]): PlanRecord {
  const verdict = 'the plan that the code follows';
  return { steps, outcome: EXPLAINED, passed: 0, total: 0, verdict, detail: '', code: '', edits: [] };
}

export function sameSteps(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((step, index) => step === b[index]);
}

/** "2 of 3", "no examples", "no code": short, beside a plan's name. */
export function shortRecord(plan: PlanRecord): string {
  if (plan.outcome === 'no_candidate') {
    return 'no code';
  }
  if (plan.outcome === EXPLAINED) {
    return 'as the code is';
  }
  if (plan.total === 0) {
    return 'no examples';
  }
  return `${plan.passed} of ${plan.total}`;
}

/** A name of VS Code's product icons, and the colour it has. */
export function iconOf(plan: PlanRecord): { readonly icon: string; readonly color?: string } {
  switch (plan.outcome) {
    case 'passed':
      return { icon: 'pass', color: 'testing.iconPassed' };
    case 'failed':
      return { icon: 'error', color: 'testing.iconFailed' };
    case 'timed_out':
    case 'crashed':
      return { icon: 'warning', color: 'testing.iconErrored' };
    default:
      return { icon: 'circle-outline' };
  }
}

/** The text with the edits in it; edits don't overlap and lines end with \n, \r\n or \r. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const starts = lineStarts(text);
  const offset = ({ line, character }: Position): number =>
    Math.min((starts[line] ?? text.length) + character, text.length);
  const spans = edits
    .map((edit) => ({ ...edit, start: offset(edit.range.start), end: offset(edit.range.end) }))
    .sort((a, b) => b.start - a.start);
  return spans.reduce(
    (made, { start, end, newText }) => made.slice(0, start) + newText + made.slice(end),
    text,
  );
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) {
    starts.push(match.index + match[0].length);
  }
  return starts;
}

/** Where a position is after a change of the text before it; inside of the change it stays. */
export function moved(position: Position, change: TextEdit): Position {
  const { start, end } = change.range;
  const before = end.line < position.line || (end.line === position.line && end.character <= position.character);
  if (!before) {
    return position;
  }
  const lines = change.newText.split(/\r\n|\r|\n/);
  const last = lines.at(-1) ?? '';
  const line = position.line + lines.length - 1 - (end.line - start.line);
  if (end.line < position.line) {
    return { line, character: position.character };
  }
  const from = lines.length > 1 ? 0 : start.character;
  return { line, character: from + last.length + position.character - end.character };
}

const HEADING = [
  '# One step a line. Lines that begin with # are left out.',
  '# "Write code from this plan" is the check mark above, or Ctrl+Enter (Cmd+Enter on a Mac).',
];

/** A plan as a text to edit. */
export function planText(functionName: string, steps: readonly string[]): string {
  return [`# The plan for ${functionName}.`, ...HEADING, '', ...steps, ''].join('\n');
}

/** The steps of an edited plan: without numbers and bullets. */
export function stepsOf(text: string): string[] {
  return text
    .split(/\r\n|\r|\n/)
    .filter((line) => !line.trimStart().startsWith('#'))
    .map((line) => line.trim().replace(/^(?:\d+[.)]|[-*])\s+/, ''))
    .filter((line) => line !== '');
}
