-- :Codeplan next: the next verified candidate takes the place of the inserted one, and back again.
local TEXT = [[
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    >>> total([])
    0
    """
    ...
]]
-- The first verdict that passes ends a search; a recital of the examples is passed over.
local RECITAL = '    return {str([1, 2, 3]): 6, str([]): 0}[str(numbers)] if numbers in ([1, 2, 3], []) else 0'
local LOOP = '    result = 0\n    for n in numbers:\n        result += n\n    return result'

return {
  text = TEXT,
  rules = {
    { [[<\|plan\|>$]], { '\n1. Use the built-in sum.<|code|>', '\n1. Go over the numbers.\n2. Add up.<|code|>' } },
    { [[<\|code\|>$]], { '\n' .. RECITAL .. '<|end|>', '\n' .. LOOP .. '<|end|>' } },
  },
  run = function(t)
    local function with(body)
      return (TEXT:gsub('    %.%.%.', body))
    end
    t.client()
    t.go('def total')
    t.command('Codeplan next', 'nextCandidate')
    t.told('run Plan then code first')
    t.command('Codeplan plan', 'planThenCode')
    t.eq(t.text(), with(LOOP))

    t.eq(t.command('Codeplan next', 'nextCandidate').applied, true)
    t.eq(t.text(), with(RECITAL))
    vim.cmd('undo')
    t.eq(t.text(), with(LOOP), 'one undo goes one candidate back')
    vim.cmd('redo')
    t.command('Codeplan next', 'nextCandidate')
    t.eq(t.text(), with(LOOP))
  end,
}
