-- :Codeplan cancel stops work that would take minutes, changes nothing, and the next command works.
local TEXT = [[
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ...


def half(number):
    """Half of it.

    >>> half(4)
    2
    """
    ...
]]

return {
  text = TEXT,
  rules = {
    { [[def total.*<\|plan\|>$]], { '\n1. Add the numbers up.<|code|>' }, 600 },
    { [[def half.*<\|plan\|>$]], { '\n1. Halve it.<|code|>' } },
    { [[<\|code\|>$]], { '\n    return number // 2<|end|>' } },
  },
  run = function(t)
    t.client()
    t.command('Codeplan cancel', 'cancel')
    t.told('nothing was running')
    t.go('def total')
    vim.cmd('Codeplan plan')
    t.wait(function()
      return require('codeplan').statusline():find('sampling 3 plans', 1, true)
    end, 'sampling in the statusline')

    vim.cmd('Codeplan plan')
    t.told('already working on total')
    vim.cmd('Codeplan cancel')
    local data = t.wait(function()
      local ended = vim.tbl_filter(function(one)
        return one.command == 'planThenCode' and one.result
      end, t.done)
      return ended[1]
    end, 'end of the cancelled command')

    t.eq(data.result.outcome, 'cancelled')
    t.eq(data.result.applied, false)
    t.told('cancelled: nothing was changed')
    t.eq(t.text(), TEXT)
    t.wait(function()
      return require('codeplan').statusline() == ''
    end, 'empty statusline')

    t.go('def half')
    local again = t.command('Codeplan plan', 'planThenCode')
    t.eq(again.applied, true)
    t.has(t.text(), '    return number // 2\n')
  end,
}
