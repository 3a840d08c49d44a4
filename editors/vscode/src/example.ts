/** A Python file with functions to write, for the first run. */
import * as vscode from 'vscode';

const CONTENT = `"""Functions that wait for their code. Put the cursor into one and run
"codeplan: Plan Then Code", or click the line above it."""


def total(numbers: list[int]) -> int:
    """Return the sum of the numbers.

    >>> total([1, 2, 3])
    6
    >>> total([])
    0
    """
    ...


def reverse_words(text: str) -> str:
    """Return the words of the text in reverse order.

    >>> reverse_words("one two three")
    'three two one'
    >>> reverse_words("")
    ''
    """
    ...
`;

export async function openExample(): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument({ language: 'python', content: CONTENT });
  const editor = await vscode.window.showTextDocument(document);
  const line = CONTENT.split('\n').findIndex((text) => text.startsWith('def '));
  editor.selection = new vscode.Selection(line, 4, line, 4);
  return document;
}
