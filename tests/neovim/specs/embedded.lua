-- The model that ships writes and verifies a simple function.
local TEXT = [[
def total(numbers: list[int]) -> int:
    """Return the sum of the numbers.

    >>> total([1, 2, 3])
    6
    >>> total([])
    0
    """
    ...
]]

return {
  text = TEXT,
  settings = { search = { memory = false, timeLimit = 50 }, insert = { failing = 'never' } },
  run = function(t)
    t.client()
    t.go('def total')
    local result = t.command('Codeplan plan', 'planThenCode')

    t.eq(result.outcome, 'passed')
    t.eq(result.applied, true)
    t.eq(t.text(), (TEXT:gsub('    %.%.%.\n', (result.code:gsub('%%', '%%%%')) .. '\n')))
    vim.cmd('undo')
    t.eq(t.text(), TEXT)
  end,
}
