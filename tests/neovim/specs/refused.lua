-- A buffer that can't be changed is left alone, and the user is told why.
local TEXT = [[
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ...
]]

return {
  text = TEXT,
  rules = {
    { [[<\|plan\|>$]], { '\n1. Add the numbers up.<|code|>' } },
    { [[<\|code\|>$]], { '\n    return sum(numbers)<|end|>' } },
  },
  run = function(t)
    t.client()
    t.go('def total')
    vim.bo.modifiable = false
    local result = t.command('Codeplan plan', 'planThenCode')

    t.eq(result.applied, false)
    t.told('not modifiable')
    t.eq(t.text(), TEXT)
  end,
}
